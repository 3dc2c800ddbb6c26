#[cfg(target_os = "linux")]
use std::path::PathBuf;

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

/// Tests share one runner, because two programs at a time could have the same orphans.
pub fn runner() -> MutexGuard<'static, Runner> {
    static RUNNER: LazyLock<Mutex<Runner>> =
        LazyLock::new(|| Mutex::new(Runner::new(Interrupt::never()).unwrap()));
    RUNNER.lock().unwrap_or_else(PoisonError::into_inner)
}

fn time(command: &mut Command) -> Result<Usage, RunError> {
    runner().time(command, MINUTE)
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// Runs a script, and returns the lines that it prints.
fn lines(script: &str, timeout: Duration) -> (Result<Usage, RunError>, Vec<String>) {
    let mut lines = Vec::new();
    let run = runner().check(&mut shell(script), timeout, |line| {
        lines.push(line.to_string());
        Ok(())
    });
    (run, lines)
}

fn error(result: Result<Usage, RunError>) -> String {
    result.expect_err("this run has failed").to_string()
}

#[test]
fn wall_time_is_at_least_the_sleep() {
    let run = time(&mut shell("sleep 0.2")).unwrap();
    assert!(run.wall >= Duration::from_millis(200), "{:?}", run.wall);
    assert!(run.user + run.system < run.wall);
}

#[test]
fn cpu_time_includes_descendants_that_were_waited_for() {
    // A grandchild does the work, and the first process does almost nothing.
    let work = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
    let alone = time(&mut shell(work)).unwrap();
    let grandchild = time(&mut shell(&format!("sh -c '{work}'; true"))).unwrap();
    assert!(alone.user > Duration::from_millis(20), "{:?}", alone.user);
    assert!(grandchild.user > alone.user / 4, "{:?}", grandchild.user);
}

#[test]
fn a_failure_has_the_last_lines_of_stderr() {
    let error = error(time(&mut shell("echo no bread >&2; exit 3")));
    assert_eq!(error, "ended with exit status: 3: no bread");
}

#[test]
fn a_death_by_signal_is_named() {
    let error = error(time(&mut shell("kill -9 $$")));
    assert!(error.contains("signal: 9 (SIGKILL)"), "{error}");
}

#[test]
fn a_missing_program_is_an_error() {
    let error = error(time(&mut Command::new("./no-such-program")));
    assert!(error.starts_with("cannot start: "), "{error}");
}

#[test]
fn lines_come_as_they_are() {
    let (run, lines) = lines(r"printf 'a\nb\r\n\nd \377\nno end'; seq 9 >&2", MINUTE);
    assert_eq!(lines, ["a", "b", "", "d \u{fffd}", "no end"]);
    assert!(run.is_ok());
}

#[test]
fn output_that_fills_the_pipe_comes_whole() {
    let (run, lines) = lines("seq 100000; seq 100000 >&2", MINUTE);
    run.unwrap();
    assert!(
        lines
            .into_iter()
            .eq((1..=100_000).map(|n: u32| n.to_string()))
    );
}

#[test]
fn a_program_may_close_its_output_before_it_ends() {
    let (run, lines) = lines("echo a; exec >&- 2>&-; sleep 0.1; exit 4", MINUTE);
    assert_eq!(error(run), "ended with exit status: 4");
    assert_eq!(lines, ["a"]);
}

#[test]
fn the_first_bad_line_ends_the_program() {
    let mut seen = Vec::new();
    // If it were not killed, it would print for a minute.
    let result = runner().check(
        &mut shell("echo a; while :; do echo b; done"),
        MINUTE,
        |line| {
            seen.push(line.to_string());
            if line == "b" {
                return Err("has a b".to_string());
            }
            Ok(())
        },
    );
    assert_eq!(error(result), "has a b");
    assert_eq!(seen, ["a", "b"]);
}

#[test]
fn a_line_without_an_end_is_an_error() {
    let (run, lines) = lines("cat /dev/zero", MINUTE);
    assert_eq!(error(run), "printed a line of more than 1048576 bytes");
    assert!(lines.is_empty());
}

/// This process would have to keep 400 MB if it kept what is printed.
#[cfg(target_os = "linux")]
#[test]
fn a_flood_is_not_kept() {
    let most_ever = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
        kilobytes.parse::<u64>().unwrap() * 1024
    };
    let before = most_ever();
    let flood = "yes $(printf %01000d 0) | head -c 200000000";
    let mut length = 0;
    let mut command = shell(&format!("{flood}; {flood} >&2; echo no bread >&2; exit 1"));
    let result = runner().check(&mut command, MINUTE, |line| {
        length += line.len() + 1;
        Ok(())
    });
    let error = error(result);
    assert!(error.ends_with("no bread"), "{error}");
    assert!(error.len() < 10_000, "{}", error.len());
    // What is left in the pipe after the failure is not read.
    assert!(length > 190_000_000, "{length}");
    let more = most_ever().saturating_sub(before);
    assert!(more < 50_000_000, "{more} bytes more");
}

#[test]
fn a_program_that_holds_too_much_is_killed() {
    // dd fills its block, and then waits until it is read.
    let mut command = shell("dd if=/dev/zero bs=100000000 count=1 | sleep 1000");
    let limit = Limit {
        care: Care::ForTime,
        most: 50_000_000,
    };
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let error = error(runner().run(&mut command, MINUTE, Some(limit), |_| Ok(())));
    assert_eq!(error, "held more than 50 MB of memory and was killed");
}

/// The program may end before the first measurement.
#[test]
fn the_memory_of_a_program_that_is_not_seen_is_unknown_and_not_zero() {
    for _ in 0..50 {
        let run = runner().watch(&mut Command::new("true"), MINUTE).unwrap();
        if let Some(bytes) = run.memory {
            assert!(bytes > 10_000, "{bytes}");
        }
    }
}

/// Three processes that print their ids: a child in the group, one that left it, and one that
/// left it and lost its parent.
#[cfg(target_os = "linux")]
const FAMILY: &str = "sleep 1000 & echo $!; setsid sleep 1000 & echo $!; \
    (setsid sh -c 'echo $$; exec sleep 1000' & ); sleep 0.3";

/// Runs a script that begins with [`FAMILY`], and asserts that none of these processes is left.
#[cfg(target_os = "linux")]
fn leaves_nothing(script: &str, timeout: Duration) -> Result<Usage, RunError> {
    let mut family = Vec::new();
    let result = runner().check(
        &mut shell(&format!("{FAMILY}; {script}")),
        timeout,
        |line| {
            let id: u32 = line.parse().map_err(|_| "wrong".to_string())?;
            family.push(PathBuf::from(format!("/proc/{id}")));
            Ok(())
        },
    );
    assert_eq!(family.len(), 3);
    assert!(!family.iter().any(|process| process.exists()), "{family:?}");
    result
}

#[cfg(target_os = "linux")]
#[test]
fn no_process_of_a_program_is_left() {
    assert!(leaves_nothing("exit 0", MINUTE).is_ok());
    let failed = error(leaves_nothing("exit 3", MINUTE));
    assert_eq!(failed, "ended with exit status: 3");
    let died = error(leaves_nothing("kill -9 $$", MINUTE));
    assert!(died.contains("SIGKILL"), "{died}");
    let wrong = error(leaves_nothing("echo wrong; sleep 1000", MINUTE));
    assert_eq!(wrong, "wrong");
    let hung = error(leaves_nothing("sleep 1000", Duration::from_secs(3)));
    assert_eq!(hung, "did not end within 3s and was killed");
}

/// The clean-up process left the group. A closed pipe tells it that the program is gone.
#[cfg(target_os = "linux")]
#[test]
fn a_clean_up_process_has_a_moment_after_its_program_was_killed() {
    let file = format!("race-untidy-{}", std::process::id());
    let file = std::env::temp_dir().join(file);
    let name = file.display();
    let script = format!(
        "touch {name}; echo made; sleep 1000 | setsid sh -c 'cat; sleep 0.1; rm {name}'"
    );
    let (run, lines) = lines(&script, Duration::from_secs(1));
    assert_eq!(error(run), "did not end within 1s and was killed");
    assert_eq!(lines, ["made"]);
    assert!(!file.exists());
}

#[test]
fn a_program_that_never_stops_printing_has_a_timeout() {
    let result =
        runner().check(&mut shell("exec yes"), Duration::from_millis(300), |_| {
            Ok(())
        });
    assert_eq!(error(result), "did not end within 300ms and was killed");
}
