//! Shared counter: several processes add to one number.
//!
//! - **Python:** `multiprocessing.Value("q", 0)`, `get_lock()`; `Array` is several
//!   numbers
//! - **Rust:** an atomic in a file that all of them map: it needs no lock
//! - **Needs:** `cargo add memmap2`
//!
//! ```console
//! $ cargo run --example shared-value
//! 3 processes counted 3000 letters
//! trap: 1001 more letters, but the counter went up by 1
//! ```
//!
//! **Trap:** as in Python, a read and a write are two steps: what other processes add in
//! between is lost. Make each change with one operation of the atomic, such as
//! `fetch_add` or `update`.
//!
//! Neighbours: `shared-memory`, `processes-lock`, `threads-lock`.

use std::fs::{self, File};
use std::path::Path;
use std::process::{self, Child, Command};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::{env, io};

use memmap2::MmapRaw;

fn map(path: &Path) -> io::Result<MmapRaw> {
    MmapRaw::map_raw(&File::options().read(true).write(true).open(path)?)
}

#[allow(unsafe_code)]
fn counter(map: &MmapRaw) -> &AtomicU64 {
    assert!(map.len() >= size_of::<AtomicU64>());
    // SAFETY: a mapping begins at the start of a memory page, so it is aligned. It is
    // long enough, no process cuts the file, and every process accesses it only through
    // atomics.
    unsafe { AtomicU64::from_ptr(map.as_mut_ptr().cast()) }
}

/// Starts this program again, to count a thousand letters.
fn start_worker(path: &Path) -> io::Result<Child> {
    Command::new(env::current_exe()?).arg(path).spawn()
}

fn wait(mut worker: Child) -> io::Result<()> {
    assert!(worker.wait()?.success(), "a worker has failed");
    Ok(())
}

fn share(path: &Path) -> io::Result<()> {
    fs::write(path, 0_u64.to_ne_bytes())?;
    let map = map(path)?;
    let letters = counter(&map);
    let workers = [
        start_worker(path)?,
        start_worker(path)?,
        start_worker(path)?,
    ];
    for worker in workers {
        wait(worker)?;
    }
    let before = letters.load(Relaxed);
    println!("3 processes counted {before} letters");

    // Wrong: a worker counts between the load and the store.
    let count = letters.load(Relaxed);
    wait(start_worker(path)?)?;
    letters.store(count + 1, Relaxed);
    let more = letters.load(Relaxed) - before;
    println!("trap: 1001 more letters, but the counter went up by {more}");
    Ok(())
}

fn main() -> io::Result<()> {
    if let Some(path) = env::args_os().nth(1) {
        let map = map(path.as_ref())?;
        for _ in 0..1000 {
            counter(&map).fetch_add(1, Relaxed);
        }
        return Ok(());
    }
    let path = env::temp_dir().join(format!("letters-{}", process::id()));
    let result = share(&path);
    fs::remove_file(path)?;
    result
}
