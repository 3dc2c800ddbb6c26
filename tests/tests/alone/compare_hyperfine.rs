//! `cargo xtask compare --hyperfine`: no race, but its script, run by hyperfine.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use tests::assert_gone;

use crate::race::{errors, expect, folder, text, wait_until, xtask};
use crate::scripts::{self, RIGHT, is_there, nats_server, on_the_path, race};

/// A `PATH` that begins with this folder.
fn path_with(folder: &Path) -> String {
    format!("{}:{}", folder.display(), env::var("PATH").unwrap())
}

#[test]
fn hyperfine_runs_the_race_in_place_of_xtask() {
    if !is_there("hyperfine", "REQUIRE_HYPERFINE") {
        return;
    }
    let folder = folder("hyperfine");
    let race = race(&folder, "--rounds 3 --hyperfine", &[("right", RIGHT)]);
    let stdout = expect(race, 0).stdout;
    assert!(stdout.contains("Benchmark 1: threads\n"), "{stdout}");
    assert!(stdout.contains("Benchmark 2: right\n"), "{stdout}");
    assert_eq!(stdout.matches(" 3 runs\n").count(), 2, "{stdout}");
    assert!(!folder.join("compare.json").exists());
    assert!(text(&folder, "race-heavy-calculation.sh").contains("-n right "));
}

#[test]
fn a_hyperfine_that_fails_is_an_error() {
    let folder = folder("hyperfine-fails");
    scripts::write(&folder, "hyperfine", "exit 3\n");
    let race = race(&folder, "--hyperfine", &[("right", RIGHT)]);
    let finished = expect(race.env("PATH", path_with(&folder)), 1);
    let errors = errors(&finished);
    assert_eq!(errors.len(), 1, "{finished:#?}");
    assert!(
        errors[0].starts_with("error: hyperfine: heavy-calculation: "),
        "{errors:?}"
    );
}

#[test]
fn a_hyperfine_that_is_missing_is_an_error_that_says_how_to_install_it() {
    let folder = folder("no-hyperfine");
    let programs = folder.join("programs");
    // The build needs the real path; the script needs only this program beside its shell.
    let cargo = format!(
        "PATH='{}' exec '{}' \"$@\"\n",
        env::var("PATH").unwrap(),
        env!("CARGO")
    );
    let cargo = scripts::write(&programs, "cargo", &cargo);
    symlink(on_the_path("dirname").unwrap(), programs.join("dirname")).unwrap();
    let mut race = race(&folder, "--hyperfine", &[("right", RIGHT)])
        .env("CARGO", cargo)
        .env("PATH", &programs);
    // Without nats-server cargo would build some pages differently, and other tests race these
    // pages.
    if let Some(nats) = nats_server() {
        race = race.env("NATS_SERVER", nats);
    }
    let finished = expect(race, 1);
    let help = "cargo install hyperfine@1.20.0 --locked";
    assert!(finished.stderr.contains(help), "{}", finished.stderr);
}

/// The signal comes to xtask alone: hyperfine has a process group of its own.
#[test]
fn hyperfine_ends_with_the_task_that_runs_it() {
    for (signal, number) in [("INT", 2), ("TERM", 15), ("KILL", 9)] {
        let folder = folder(&format!("hyperfine-interrupted-{signal}"));
        let text = "echo $$ > hyperfine.id; exec sleep 1000\n";
        scripts::write(&folder, "hyperfine", text);
        let arguments = "compare heavy-calculation --numbers 2 --hyperfine";
        let mut racing = xtask(arguments, &folder)
            .env("PATH", path_with(&folder))
            .start();
        let id = || fs::read_to_string(folder.join("hyperfine.id")).unwrap_or_default();
        wait_until(&mut racing, "a start of hyperfine", || id().ends_with('\n'));
        racing.signal(signal);
        let finished = racing.finish("compare");
        assert_eq!(finished.status.signal(), Some(number), "{finished:#?}");
        assert_eq!(errors(&finished), [""; 0]);
        assert_gone(&[Path::new("/proc").join(id().trim())], "compare");
    }
}
