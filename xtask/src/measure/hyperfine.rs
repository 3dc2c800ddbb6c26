//! hyperfine: how it is found, and how it times a racer.

use std::fs;
use std::io;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::measure::race::Timing;
use crate::measure::{export, process};
use crate::racers::racer::Racer;

/// What to do where there is none.
pub const MISSING: &str = "hyperfine is not installed; install it with \
    `cargo install hyperfine@1.20.0 --locked` (2.0.0 needs rustc 1.97)";

/// Fails if no hyperfine is installed whose options and JSON are known.
pub fn find() -> Result<()> {
    let output = match Command::new("hyperfine").arg("--version").output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(MISSING),
        output => output.context("cannot run hyperfine")?,
    };
    let text = String::from_utf8_lossy(&output.stdout);
    match version(&text) {
        Some((1, 15..) | (2, _)) => Ok(()),
        Some(_) => bail!("{} is not supported; 1.15 to 2.0 are", text.trim()),
        None => bail!("cannot read the version of hyperfine from {text:?}"),
    }
}

fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix("hyperfine ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Lets hyperfine time a racer, in one block of runs.
pub fn time(racer: &Racer, runs: u32, share: Duration) -> Result<Timing> {
    let file = racer.folder.join("hyperfine.json");
    let mut hyperfine = Command::new("hyperfine");
    hyperfine
        .current_dir(&racer.folder)
        .args(options(runs))
        .arg("--export-json")
        .arg(&file)
        .args(["-n", &racer.name, &racer.command_line()]);
    let result = process::show(&mut hyperfine, share * 3)
        .context("hyperfine")
        .and_then(|()| fs::read_to_string(&file).context("cannot read hyperfine's JSON"));
    // After a failure the file is not whole.
    let _ = fs::remove_file(&file);
    let timing = export::read(&result?)?.pop();
    timing.context("hyperfine exported no times")
}

/// Options that mean the same in all versions from 1.15 to 2.0. Without a shell between them
/// and the racer, the times are the racer's.
pub fn options(runs: u32) -> [String; 7] {
    let runs = runs.to_string();
    ["-N", "--style", "basic", "--warmup", "1", "--runs", &runs].map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(version("hyperfine 1.15.0\n"), Some((1, 15)));
        assert_eq!(version("hyperfine 2.0.0"), Some((2, 0)));
        assert_eq!(version("superfine 1.2.3"), None);
    }
}
