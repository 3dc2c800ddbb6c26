//! What a task group costs beside a bare `JoinSet`: a million children, alive at once.
//!
//! ```sh
//! cargo bench -p examples-async
//! ```
//!
//! Peak memory is a high-water mark of the process, so every measurement has a process of its
//! own; the two kinds take turns, and the medians are compared. The time is that of adding the
//! children and of their ending: the wait in between, until they all wake up, is left out.
//!
//! A child of the group carries 8 bytes more, its place. tokio rounds the size of a task up to
//! a multiple of 128 bytes, so that mostly they cost nothing, and a whole step for a child that
//! just fitted.

use std::env;
use std::process::Command;
use std::time::Duration;

use examples_async::task_group::TaskGroup;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

const CHILDREN: usize = 1_000_000;
const ROUNDS: usize = 7;
/// Longer than it takes to add all children.
const WAIT: Duration = Duration::from_secs(6);

fn main() {
    match env::args().nth(1).as_deref() {
        Some("join-set") => measure(join_set),
        Some("task-group") => measure(task_group),
        _ => compare(),
    }
}

fn compare() {
    let (mut bare, mut group) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        bare.push(run("join-set"));
        group.push(run("task-group"));
        println!(
            "round {round} of {ROUNDS}: {:?} {:?}",
            bare[round - 1],
            group[round - 1]
        );
    }
    for (what, unit, pick) in [
        ("time", "ms", (|it| it.0) as fn(&(u64, u64)) -> u64),
        ("peak memory", "kB", |it| it.1),
    ] {
        let (bare, group) = (median(&bare, pick), median(&group, pick));
        let ratio = group as f64 / bare as f64;
        println!(
            "{what}: JoinSet {bare} {unit}, TaskGroup {group} {unit}, ratio {ratio:.2}"
        );
    }
}

fn median(runs: &[(u64, u64)], pick: fn(&(u64, u64)) -> u64) -> u64 {
    let mut figures: Vec<u64> = runs.iter().map(pick).collect();
    figures.sort_unstable();
    figures[figures.len() / 2]
}

/// Milliseconds and peak kilobytes of one kind, in a process of its own.
fn run(kind: &str) -> (u64, u64) {
    let this = env::current_exe().expect("this program has a path");
    let output = Command::new(this)
        .arg(kind)
        .output()
        .expect("this program starts again");
    assert!(
        output.status.success(),
        "{kind}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("two numbers are text");
    let (millis, peak) = text.trim().split_once(' ').expect("two numbers");
    (
        millis.parse().expect("milliseconds"),
        peak.parse().expect("kilobytes"),
    )
}

fn measure<F: Future<Output = Instant>>(kind: fn(Instant) -> F) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let start = Instant::now();
    let wake = start + WAIT;
    let added = runtime.block_on(kind(wake));
    let ended = Instant::now();
    assert!(
        added < wake,
        "adding the children took longer than {WAIT:?}"
    );
    let busy = (added - start) + (ended - wake);
    println!("{} {}", busy.as_millis(), peak_memory());
}

/// As a saying: it holds its text over the wait, and returns it.
async fn child(wake: Instant, what: String) -> Result<String, String> {
    sleep_until(wake).await;
    Ok(what)
}

async fn join_set(wake: Instant) -> Instant {
    let mut set = JoinSet::new();
    for _ in 0..CHILDREN {
        set.spawn(child(wake, String::new()));
    }
    let added = Instant::now();
    let mut values = Vec::new();
    while let Some(ended) = set.join_next().await {
        values.push(ended.expect("no child panics").expect("no child fails"));
    }
    assert_eq!(values.len(), CHILDREN);
    added
}

async fn task_group(wake: Instant) -> Instant {
    let (added, when) = tokio::sync::oneshot::channel();
    let never = CancellationToken::new();
    let values = TaskGroup::run(&never, |group| async move {
        for _ in 0..CHILDREN {
            group.spawn(child(wake, String::new()));
        }
        added
            .send(Instant::now())
            .map_err(|_| "nobody waits".to_owned())
    })
    .await;
    let values = values.expect("no child fails").expect("nobody cancels");
    assert_eq!(values.len(), CHILDREN);
    when.await.expect("the body sent it")
}

/// The high-water mark in kB; 0 where there is no /proc.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
