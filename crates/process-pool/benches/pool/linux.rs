//! Every line is the best of several rounds. The two sides of a ratio are measured in
//! turns, except for Python, which is slow. Without a `python3` its lines are left out.

use std::hint::black_box;
use std::io::{Read, Write};
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use process_pool::ProcessPool;
use serde_bytes::ByteBuf;

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

pub fn main() -> Result<()> {
    process_pool::worker_entry()
        .function(increment)
        .function(echo)
        .enter();
    let mode = std::env::args().nth(1).unwrap_or_default();
    match mode.as_str() {
        "bare-start" => Ok(()),
        "bare-echo" => bare_echo(),
        "round-trips" => round_trips(),
        "big-payload" => big_payload(),
        "long-queue" => long_queue(),
        _ => {
            println!("| what | pool | compared with | | ratio | goal |");
            println!("|---|--:|---|--:|--:|--:|");
            tiny_tasks()?;
            alone("round-trips", false)?;
            alone("round-trips", true)?;
            start()?;
            alone("big-payload", false)?;
            alone("long-queue", false)
        }
    }
}

fn increment(n: u64) -> u64 {
    n + 1
}

fn echo(bytes: ByteBuf) -> ByteBuf {
    bytes
}

/// Runs one part in a process of its own, to measure its memory, or to pin it to one CPU.
fn alone(part: &str, pinned: bool) -> Result<()> {
    let program = std::env::current_exe()?;
    let mut command = if pinned {
        Command::new("taskset")
    } else {
        Command::new(&program)
    };
    if pinned {
        command.args(["-c", "0"]).arg(&program);
    }
    let status = command
        .args([part, if pinned { "pinned" } else { "" }])
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{part}: {status}").into())
    }
}

fn row(what: &str, pool: Duration, with: &str, other: Duration, goal: &str) {
    let ratio = pool.as_secs_f64() / other.as_secs_f64();
    println!("| {what} | {pool:.1?} | {with} | {other:.1?} | {ratio:.3} | {goal} |");
}

/// The best time of this many rounds, after one that does not count.
fn best(rounds: u32, mut round: impl FnMut() -> Result<()>) -> Result<Duration> {
    round()?;
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let start = Instant::now();
        round()?;
        best = best.min(start.elapsed());
    }
    Ok(best)
}

/// 100,000 tasks that do almost nothing, on two workers.
fn tiny_tasks() -> Result<()> {
    const TASKS: u32 = 100_000;
    let pool = ProcessPool::builder().max_workers(2).build()?;
    let map = |chunk: usize| {
        let chunk = NonZeroUsize::new(chunk).ok_or("no chunk")?;
        best(5, || {
            let results = pool.map_chunked(increment, 0..u64::from(TASKS), chunk);
            let sum = results.sum::<std::result::Result<u64, _>>()?;
            assert_eq!(sum, 5_000_050_000);
            Ok(())
        })
    };
    for (chunk, goal) in [(1, "≤ 0.09"), (100, "≤ 0.12")] {
        let ours = map(chunk)?;
        if let Some(theirs) = python(TASKS, chunk) {
            let what = format!("100,000 tiny tasks, chunks of {chunk}");
            row(&what, ours, "CPython, same chunks", theirs, goal);
        }
    }
    let mut fastest = (Duration::MAX, 0);
    for chunk in [500, 2_000, 10_000, 50_000] {
        fastest = fastest.min((map(chunk)?, chunk));
    }
    let (time, chunk) = fastest;
    let what = format!("100,000 tiny tasks, chunks of {chunk}: each");
    row(
        &what,
        time / TASKS,
        "the goal",
        Duration::from_nanos(500),
        "≤ 1",
    );
    Ok(())
}

/// The same in CPython, if it is installed: the best of three rounds.
fn python(tasks: u32, chunk: usize) -> Option<Duration> {
    let script = format!(
        "
import time
from concurrent.futures import ProcessPoolExecutor

def increment(n):
    return n + 1

if __name__ == '__main__':
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(increment, range(100)))
        best = 1e9
        for _ in range(3):
            start = time.perf_counter()
            total = sum(pool.map(increment, range({tasks}), chunksize={chunk}))
            best = min(best, time.perf_counter() - start)
        assert total == 5_000_050_000
        print(best)
"
    );
    let path = std::env::temp_dir().join(format!("pool-bench-{}.py", std::process::id()));
    std::fs::write(&path, script).ok()?;
    let output = Command::new("python3").arg(&path).output();
    let _ = std::fs::remove_file(&path);
    let text = String::from_utf8(output.ok()?.stdout).ok()?;
    Some(Duration::from_secs_f64(text.trim().parse().ok()?))
}

/// One task at a time, compared with one byte that goes to another process and back.
fn round_trips() -> Result<()> {
    const TRIPS: u32 = 5_000;
    let (mut socket, mut child) = bare_child(1)?;
    let pool = ProcessPool::builder().max_workers(1).build()?;
    let (mut bare, mut ours) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        bare = bare.min(best(1, || {
            for _ in 0..TRIPS {
                socket.write_all(&[1])?;
                socket.read_exact(&mut [0])?;
            }
            Ok(())
        })?);
        ours = ours.min(best(1, || {
            for n in 0..TRIPS {
                black_box(pool.submit(increment, u64::from(n)).join()?);
            }
            Ok(())
        })?);
    }
    drop(socket);
    child.wait()?;
    let pinned = std::env::args()
        .nth(2)
        .is_some_and(|argument| argument == "pinned");
    let (place, goal) = if pinned {
        (", one CPU", "≤ 3")
    } else {
        ("", "reported")
    };
    let what = format!("one task at a time{place}: each");
    row(&what, ours / TRIPS, "bare ping-pong", bare / TRIPS, goal);
    Ok(())
}

/// Starts this program to echo messages of this length over a socket.
fn bare_child(length: usize) -> Result<(UnixStream, Child)> {
    let (ours, theirs) = UnixStream::pair()?;
    let child = Command::new(std::env::current_exe()?)
        .args(["bare-echo", &length.to_string()])
        .stdin(OwnedFd::from(theirs))
        .spawn()?;
    Ok((ours, child))
}

fn bare_echo() -> Result<()> {
    use std::os::fd::AsFd;
    let length = std::env::args().nth(2).ok_or("no length")?.parse()?;
    let mut socket = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let mut message = vec![0; length];
    while socket.read_exact(&mut message).is_ok() {
        socket.write_all(&message)?;
    }
    Ok(())
}

/// The time from building a pool to the first results of four workers.
fn start() -> Result<()> {
    const WORKERS: usize = 4;
    let program = std::env::current_exe()?;
    let (mut bare, mut ours) = (Duration::MAX, Duration::MAX);
    for _ in 0..10 {
        bare = bare.min(best(3, || {
            let start = || {
                Command::new(&program)
                    .arg("bare-start")
                    .stdin(Stdio::null())
                    .spawn()
            };
            let children: Vec<_> = (0..WORKERS).map(|_| start()).collect();
            for child in children {
                child?.wait()?;
            }
            Ok(())
        })?);
        let mut fastest = Duration::MAX;
        for _ in 0..3 {
            let started = Instant::now();
            // One task for each worker, so that all four start.
            let pool = ProcessPool::builder()
                .max_workers(WORKERS)
                .max_tasks_per_child(1)
                .build()?;
            for result in pool.map(increment, 0..WORKERS as u64) {
                result?;
            }
            fastest = fastest.min(started.elapsed());
        }
        ours = ours.min(fastest);
    }
    row(
        "start of 4 workers to their results",
        ours,
        "the bare program 4 times",
        bare,
        "≤ 1.3",
    );
    Ok(())
}

/// 50 MB to a worker and back, compared with a bare socket plus the encoding.
fn big_payload() -> Result<()> {
    const LENGTH: usize = 50_000_000;
    let mut payload = ByteBuf::from(vec![7; LENGTH]);
    let pool = ProcessPool::builder().max_workers(1).build()?;
    let mut peak = 0.0;
    let (mut socket, mut child) = bare_child(LENGTH)?;
    let [mut ours, mut bare, mut encoding] = [Duration::MAX; 3];
    for round in 0..15 {
        let start = Instant::now();
        payload = pool.submit(echo, payload).join()?;
        ours = ours.min(start.elapsed());
        assert_eq!(payload.len(), LENGTH);
        if round == 0 {
            peak = peak_memory()?;
        }
        let mut back = vec![0; LENGTH];
        bare = bare.min(best(1, || {
            socket.write_all(&payload)?;
            socket.read_exact(&mut back)?;
            Ok(())
        })?);
        drop(back);
        encoding = encoding.min(best(1, || {
            for _ in 0..2 {
                let bytes = postcard::to_stdvec(black_box(&payload))?;
                black_box(postcard::from_bytes::<ByteBuf>(&bytes)?);
            }
            Ok(())
        })?);
    }
    drop(socket);
    child.wait()?;
    row(
        "50 MB there and back",
        ours,
        "bare socket + encoding",
        bare + encoding,
        "≤ 1.15",
    );
    println!(
        "| parent's peak memory for it | {:.0} MB | the payload | 50 MB | {:.3} | < 4 |",
        peak / 1e6,
        peak / LENGTH as f64
    );
    Ok(())
}

/// The peak memory of this process, in bytes.
fn peak_memory() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.ok_or("no VmHWM")?.trim().trim_end_matches(" kB");
    Ok(kilobytes.parse::<f64>()? * 1024.0)
}

/// 200,000 tasks queued at the same time.
fn long_queue() -> Result<()> {
    const TASKS: u64 = 200_000;
    let pool = ProcessPool::builder().max_workers(2).build()?;
    // Start both workers before anything is counted.
    for result in pool.map(increment, 0..10_000) {
        result?;
    }
    let descriptors = || std::fs::read_dir("/proc/self/fd").map(|all| all.count());
    let before = descriptors()?;
    let start = Instant::now();
    let results = pool.map(increment, 0..TASKS);
    let queued = start.elapsed();
    let during = descriptors()?;
    assert_eq!(
        results.filter(std::result::Result::is_ok).count() as u64,
        TASKS
    );
    let peak = peak_memory()?;
    println!(
        "| parent's peak memory, 200,000 tasks queued in {queued:.1?} | {:.0} MB \
         | the goal | 300 MB | {:.3} | ≤ 1 |",
        peak / 1e6,
        peak / 300e6
    );
    println!(
        "| descriptors while they are queued | {during} | before | {before} | {:.3} | ≤ 1 |",
        during as f64 / before as f64
    );
    Ok(())
}
