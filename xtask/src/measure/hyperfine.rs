//! hyperfine: a race as a command line for it, in a script or run from here.

use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::measure::process;
use crate::measure::race::Timing;
use crate::racers::workload::{Racer, URLS, Work};
use crate::show::export;

const MISSING: &str = "hyperfine is not installed; install it with \
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

/// Lets hyperfine do the timing.
pub fn race(racers: &[Racer], rounds: u32, deadline: Duration) -> Result<Vec<Timing>> {
    let Some(first) = racers.first() else {
        return Ok(Vec::new());
    };
    let export = first.folder.join("hyperfine.json");
    let mut hyperfine = Command::new("hyperfine");
    hyperfine.current_dir(&first.folder);
    hyperfine
        .args(options(rounds))
        .arg("--export-json")
        .arg(&export);
    for racer in racers {
        hyperfine.args(["-n", &racer.name, &command_line(racer)]);
    }
    let runs = racers.len() as u32 * (rounds + 1);
    let result = process::show(&mut hyperfine, deadline * runs)
        .context("hyperfine")
        .and_then(|()| {
            std::fs::read_to_string(&export).context("cannot read hyperfine's JSON")
        });
    // It exports after each command, so that after a failure the file is not whole.
    let _ = std::fs::remove_file(&export);
    export::read(&result?)
}

/// The same race as a script. It stands in the output folder, beside the URLs.
pub fn script(work: &Work, racers: &[Racer], rounds: u32) -> String {
    let name = work.workload().name();
    let mut script = format!(
        "#!/bin/sh\n\
         # The race of `cargo xtask compare {name}`, as a command line for hyperfine.\n\
         # Further options for hyperfine may be given.\n\
         set -eu\n\
         cd \"$(dirname \"$0\")\"\n"
    );
    if let Work::FetchUrl { .. } = work {
        script += &format!(
            "\n# The URLs are on the site that `cargo xtask serve` runs.\n\
             SITE=${{SITE:-http://127.0.0.1:8000}}\n\
             sed \"s|^http://[^/]*|$SITE|\" {URLS} > {URLS}.new\n\
             mv {URLS}.new {URLS}\n"
        );
    }
    script += &format!("\nexec hyperfine {} \"$@\"", options(rounds).join(" "));
    for racer in racers {
        let command = command_line(racer);
        script += &format!(" \\\n    -n {} {}", quote(&racer.name), quote(&command));
    }
    script + "\n"
}

/// Options that mean the same in all versions from 1.15 to 2.0. Without a shell between them
/// and the racer, the times are the racer's.
fn options(rounds: u32) -> [String; 7] {
    let rounds = rounds.to_string();
    ["-N", "--style", "basic", "--warmup", "1", "--runs", &rounds].map(String::from)
}

/// The command in one line, seen from the output folder.
pub fn command_line(racer: &Racer) -> String {
    let target = racer.folder.parent().unwrap_or(&racer.folder);
    let program = match racer.program.strip_prefix(target) {
        Ok(path) => Path::new("..").join(path),
        Err(_) => racer.program.clone(),
    };
    // hyperfine takes a backslash for an escape, and Windows takes a slash for a backslash.
    let program = program.to_string_lossy().replace('\\', "/");
    let words = [&program].into_iter().chain(&racer.arguments);
    let words: Vec<_> = words.map(|word| quote(word)).collect();
    words.join(" ") + " --quiet"
}

/// A word for a shell, in quotes if it needs them.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
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

    #[test]
    fn words_are_quoted_where_a_shell_would_touch_them() {
        assert_eq!(quote("--from=a.b/c:1"), "--from=a.b/c:1");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("0.1:hello world"), "'0.1:hello world'");
        assert_eq!(quote("it's $5"), r"'it'\''s $5'");
    }

    #[test]
    fn programs_are_found_from_the_output_folder() {
        let racer = Racer {
            name: "threads".to_string(),
            program: "/some where/target/release/threads".into(),
            arguments: vec!["1:a b".to_string()],
            folder: "/some where/target/compare".into(),
        };
        let command = "../release/threads '1:a b' --quiet";
        assert_eq!(command_line(&racer), command);
    }
}
