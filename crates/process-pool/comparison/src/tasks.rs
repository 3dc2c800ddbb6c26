//! The tasks of the Rust pools, and the texts of their answers.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_bytes::ByteBuf;

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

pub const TINY: u64 = 20_000;
pub const CHUNKED: u64 = 100_000;
pub const TRIPS: u64 = 3_000;
pub const BIG: usize = 50_000_000;
pub const PANICS: u64 = 200;

pub fn increment(n: u64) -> u64 {
    n + 1
}

pub fn echo(bytes: ByteBuf) -> ByteBuf {
    bytes
}

pub fn nap(ms: u64) -> u64 {
    std::thread::sleep(Duration::from_millis(ms));
    ms
}

pub fn abort(_: ()) {
    std::process::abort()
}

pub fn fail(n: u64) {
    panic!("message {n}")
}

pub fn print(_: ()) {
    println!("out loud");
}

pub fn process_id(_: ()) -> u32 {
    std::process::id()
}

/// Returns when this many workers have arrived.
pub fn meet((folder, workers): (String, usize)) {
    let here = Path::new(&folder);
    let _ = std::fs::write(here.join(std::process::id().to_string()), "");
    while std::fs::read_dir(here).is_ok_and(|all| all.count() < workers) {
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// An empty folder for `meet`.
pub fn meeting_place() -> Result<String> {
    let name = format!("comparison-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder.display().to_string())
}

pub fn timed(run: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let start = Instant::now();
    run()?;
    Ok(start.elapsed())
}

pub fn seconds(time: Duration, of: u64) -> Result<String> {
    Ok(format!("seconds {}", time.as_secs_f64() / of as f64))
}

pub fn words(words: impl std::fmt::Display) -> Result<String> {
    Ok(format!("words {words}"))
}

pub fn descriptors() -> Result<usize> {
    Ok(std::fs::read_dir("/proc/self/fd")?.count())
}

/// The answer of 12 tasks, of which the first kills its worker, and one more task.
pub fn deaths(message: &str, failed: usize, goes_on: bool) -> Result<String> {
    // Leave out the process id, which is different each time.
    let message = message.split(' ').map(|word| {
        let id = word.len() > 2 && word.parse::<u32>().is_ok();
        if id { "N" } else { word }
    });
    let message = message.collect::<Vec<_>>().join(" ");
    let pool = if goes_on {
        "the pool goes on"
    } else {
        "the pool is broken"
    };
    words(format!("{failed} of 12 fail, {pool}: “{message}”"))
}

pub fn panics(arrived: u64) -> Result<String> {
    match PANICS - arrived {
        0 => words("all arrive"),
        _ if arrived == 0 => words("all are lost"),
        lost => words(format!("{lost} are lost")),
    }
}
