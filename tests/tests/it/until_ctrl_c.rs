//! Ctrl-C in an async program (RU-03). The first one cancels the tasks, lets them clean up, and
//! ends the program by SIGINT. A second one ends it immediately.

use std::io::{self, BufRead, BufReader, Lines};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use workloads::{Exit, until_ctrl_c};

/// This variable is set in the child process of a test: how long its clean-up takes.
const CLEANUP: &str = "TEST_CLEANUP_MS";

/// When it is dropped, prints a line, waits, and prints another line.
struct CleansUp(Duration);

impl Drop for CleansUp {
    fn drop(&mut self) {
        println!("cleaning up");
        thread::sleep(self.0);
        println!("cleaned up");
    }
}

/// This is not a test, but the program that the tests interrupt.
#[test]
fn program() {
    let Ok(millis) = std::env::var(CLEANUP) else {
        return;
    };
    let cleans_up = CleansUp(Duration::from_millis(millis.parse().unwrap()));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let exit = runtime.block_on(until_ctrl_c(async {
        let task = tokio::spawn(async move {
            println!("running");
            tokio::time::sleep(Duration::from_secs(1000)).await;
            drop(cleans_up);
        });
        task.await.map(|()| Exit::Success)
    }));
    drop(runtime);
    // This is what happens when `main` has returned.
    std::process::Termination::report(exit.unwrap());
}

/// Starts the program and waits until it runs.
fn start(cleanup: Duration) -> (Child, Lines<BufReader<ChildStdout>>) {
    tests::signals::let_children_be_signalled();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "until_ctrl_c::program", "--nocapture"])
        .env(CLEANUP, cleanup.as_millis().to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    wait_for(&mut lines, "running");
    (child, lines)
}

fn wait_for(lines: &mut Lines<BufReader<ChildStdout>>, expected: &str) {
    assert!(
        lines.any(|line| line.unwrap().ends_with(expected)),
        "it never said {expected}"
    );
}

fn interrupt(child: &Child) {
    let kill = format!("kill -INT {}", child.id());
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
}

/// The signal that ended the program, and its stderr.
fn death(mut child: Child) -> (Option<i32>, String) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(60) {
        if let Some(status) = child.try_wait().unwrap() {
            let stderr = io::read_to_string(child.stderr.unwrap()).unwrap();
            return (status.signal(), stderr);
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    panic!("the program hangs");
}

const SIGINT: i32 = 2;
const TOO_LONG: &str = "note: the clean-up took longer than 1.5 s and was cut off\n";

#[test]
fn ru_03_the_first_ctrl_c_lets_tasks_clean_up_and_ends_by_the_signal() {
    let (child, mut lines) = start(Duration::from_millis(50));
    interrupt(&child);
    wait_for(&mut lines, "cleaning up");
    wait_for(&mut lines, "cleaned up");
    assert_eq!(death(child), (Some(SIGINT), String::new()));
}

#[test]
fn ru_03_the_second_ctrl_c_ends_the_program_immediately() {
    let (child, mut lines) = start(Duration::from_secs(1000));
    interrupt(&child);
    wait_for(&mut lines, "cleaning up");
    interrupt(&child);
    assert_eq!(death(child), (Some(SIGINT), String::new()));
}

#[test]
fn ru_03_a_clean_up_that_never_ends_is_cut_off() {
    let (child, mut lines) = start(Duration::from_secs(1000));
    interrupt(&child);
    wait_for(&mut lines, "cleaning up");
    assert_eq!(death(child), (Some(SIGINT), TOO_LONG.to_owned()));
}
