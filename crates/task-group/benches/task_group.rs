//! The cost of a task group compared with a bare `JoinSet`, with a million children at the
//! same time.
//!
//! ```sh
//! cargo bench -p task-group
//! ```
//!
//! Peak memory is a high-water mark of the process, so every measurement has a process of its
//! own. The two kinds take turns, and their medians are compared. The time is that of adding
//! the children and of ending them, without the wait in between. The CPU time is that of the
//! whole process, and varies less on a busy machine.
//!
//! A child of the group has 8 bytes more: its number. tokio allocates tasks in multiples of
//! 128 bytes. So most children take no more memory, and one that just fitted takes 128 bytes
//! more. Memory and CPU time are read from `/proc`, so this runs on Linux only.

use std::env;
use std::process::Command;
use std::time::Duration;

use task_group::TaskGroup;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

const CHILDREN: usize = 1_000_000;
const ROUNDS: usize = 7;
/// Longer than it takes to add all children.
const WAIT: Duration = Duration::from_secs(10);

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
        println!("round {round} of {ROUNDS}");
        bare.push(run("join-set"));
        group.push(run("task-group"));
    }
    for (index, what) in ["time, ms", "processor time, ms", "peak memory, kB"]
        .iter()
        .enumerate()
    {
        let (bare, group) = (median(&bare, index), median(&group, index));
        let ratio = group as f64 / bare as f64;
        println!("{what}: JoinSet {bare}, TaskGroup {group}, ratio {ratio:.2}");
    }
}

fn median(runs: &[Vec<u64>], index: usize) -> u64 {
    let mut figures: Vec<u64> = runs.iter().map(|run| run[index]).collect();
    figures.sort_unstable();
    figures[figures.len() / 2]
}

/// The three figures of one kind, from a process of its own.
fn run(kind: &str) -> Vec<u64> {
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
    let figures = String::from_utf8(output.stdout).expect("figures are text");
    let figures = figures.split_whitespace();
    figures
        .map(|figure| figure.parse().expect("figures are numbers"))
        .collect()
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
    println!(
        "{} {} {}",
        busy.as_millis(),
        processor_time(),
        peak_memory()
    );
}

/// Holds its text while it waits, then returns it, as the `say_after` of the pages.
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
    let values = TaskGroup::run(|group| async move {
        for _ in 0..CHILDREN {
            group.spawn(child(wake, String::new()));
        }
        added
            .send(Instant::now())
            .map_err(|_| "nobody waits".to_owned())
    })
    .await;
    let values = values.expect("no child fails");
    assert_eq!(values.len(), CHILDREN);
    when.await.expect("the body sent it")
}

/// User and system time in milliseconds: fields 14 and 15, in ticks of 10 ms.
fn processor_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("this is Linux");
    // The name of the program is field 2, in parentheses, and may hold spaces.
    let (_, fields) = stat.rsplit_once(')').expect("there is a name");
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .map(|ticks| 10 * ticks.parse::<u64>().expect("ticks are a number"))
        .sum()
}

/// The high-water mark of resident memory in kilobytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak
        .expect("there is a peak")
        .trim()
        .trim_end_matches(" kB");
    peak.parse().expect("the peak is a number")
}
