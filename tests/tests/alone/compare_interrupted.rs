//! A race that is interrupted keeps what was measured, and no process is left running.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::{Program, Running, assert_gone, children};

use crate::race::{expect, folder, name, racers, rounds, text, wait_until, xtask};
use crate::scripts::{self, RIGHT, is_there};

/// A racer with right results that does not end its n-th run.
fn stays_in_run(n: usize) -> String {
    format!(
        "echo $$ >> runs.log\n\
         [ $(wc -l < runs.log) -lt {n} ] || sleep 1000\n\
         {RIGHT}"
    )
}

/// Waits until that racer is in its n-th run, and returns its process.
fn wait_for_run(n: usize, racing: &mut Running, folder: &Path) -> PathBuf {
    let log = || fs::read_to_string(folder.join("runs.log")).unwrap_or_default();
    let what = format!("run {n}");
    wait_until(racing, &what, || log().matches('\n').count() >= n);
    let id = log().lines().nth(n - 1).unwrap().to_string();
    Path::new("/proc").join(id)
}

/// Sends xtask a signal in the n-th run of the racer. Returns by which signal it died.
fn interrupt_in_run(n: usize, folder: &Path, signal: &str) -> Option<i32> {
    let _ = fs::remove_file(folder.join("runs.log"));
    let scripts = [("slow", &stays_in_run(n)[..])];
    let race = scripts::race(folder, "--rounds 3 --timeout 600", &scripts);
    let mut racing = race.start();
    let racer = wait_for_run(n, &mut racing, folder);
    let children = children(racing.child.id());
    racing.signal(signal);
    let status = racing.wait("compare");
    assert_gone(&children, "compare");
    assert_gone(&[racer], "compare");
    status.signal()
}

/// The rounds of the racer that does not end one of its runs.
fn rounds_of_slow(folder: &Path) -> Vec<u64> {
    let racers = racers(folder);
    let slow = racers.iter().find(|racer| name(racer) == "slow");
    rounds(slow.expect("it was raced"))
}

#[test]
fn an_interrupt_keeps_what_was_measured_and_leaves_no_process() {
    for (signal, number) in [("INT", 2), ("HUP", 1), ("TERM", 15)] {
        let folder = folder(&format!("interrupted-{signal}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("compare.json"), "earlier results").unwrap();

        // While its answers are checked, no round has been raced yet: earlier results stay.
        assert_eq!(interrupt_in_run(1, &folder, signal), Some(number));
        assert_eq!(text(&folder, "compare.json"), "earlier results");

        // Run 4 is in the second round: there were two runs in the first.
        assert_eq!(interrupt_in_run(4, &folder, signal), Some(number));
        assert_eq!(rounds_of_slow(&folder), [1]);

        // Run 7 is the one in which memory is watched: there were two runs in the third round.
        assert_eq!(interrupt_in_run(7, &folder, signal), Some(number));
        assert_eq!(rounds_of_slow(&folder), [1, 2, 3]);
        for file in ["compare.md", "report.html", "heavy-calculation.json"] {
            assert!(text(&folder, file).contains("slow"), "{file}");
        }
    }
}

#[test]
fn a_terminal_that_closes_loses_nothing_of_what_was_measured() {
    if !is_there("script", "REQUIRE_SCRIPT") {
        return;
    }
    let folder = folder("closed-terminal");
    let slow = scripts::write(&folder, "slow", &stays_in_run(4));
    let command = format!(
        "exec {} compare heavy-calculation --numbers 2,3 --rounds 3 --timeout 600 \
         --only threads,slow --also slow={} --output {}",
        tests::program("xtask").display(),
        slow.display(),
        folder.display()
    );
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &command, "/dev/null"]);
    let mut terminal = Program::from(terminal).start();

    let racer = wait_for_run(4, &mut terminal, &folder);
    let racing = children(terminal.child.id());
    assert_eq!(racing.len(), 1, "{racing:?}");
    terminal.signal("KILL");
    terminal.wait("script");
    assert_gone(&racing, "compare");
    assert_gone(&[racer], "compare");
    assert_eq!(rounds_of_slow(&folder), [1]);
    for file in ["compare.md", "report.html", "heavy-calculation.json"] {
        assert!(text(&folder, file).contains("slow"), "{file}");
    }
}

#[test]
fn ctrl_c_in_a_race_with_the_site_leaves_nothing_running() {
    // Racing once before builds everything, so that no build runs while the processes are
    // counted.
    let warm = "compare fetch-url --rounds 1 --urls 2 --only async";
    expect(xtask(warm, &folder("warm")), 0);

    let arguments = "compare fetch-url --urls 1000 --delay 1 --workers 1 --timeout 2000";
    let mut racing = xtask(arguments, &folder("interrupted-site")).start();
    let id = racing.child.id();
    let is_racer = |child: &PathBuf| {
        let arguments = fs::read_to_string(child.join("cmdline")).unwrap_or_default();
        arguments.contains("sequential-fetch-url") && !arguments.contains("--trace")
    };
    wait_until(&mut racing, "its racer", || {
        children(id).iter().any(is_racer)
    });
    let children = children(id);
    // The racer, its site, and the guard.
    assert_eq!(children.len(), 3, "{children:?}");
    racing.signal("INT");
    assert_eq!(racing.wait("compare").signal(), Some(2));
    assert_gone(&children, "compare");
}
