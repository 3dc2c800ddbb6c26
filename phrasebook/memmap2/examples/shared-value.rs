//! Several processes count in one shared number.
//!
//! - **Python:** `multiprocessing.Value("q", 0)`, `get_lock()`; `Array` is several of
//!   them
//! - **Rust:** an atomic in a file that all of them map: it needs no lock
//! - **Needs:** `cargo add memmap2`
//!
//! ```console
//! $ cargo run --example shared-value
//! 3 processes counted 3000 letters
//! trap: 1001 more, read and then written: 3001
//! ```
//!
//! **Trap:** every process must use atomics, and one operation for each change: between a
//! `load` and a `store` others come in, and their work is lost.
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
    // SAFETY: a mapping begins at a page, so it is aligned; it is long enough, nobody
    // cuts the file, and no process goes at it but with atomics.
    unsafe { AtomicU64::from_ptr(map.as_mut_ptr().cast()) }
}

/// Starts this program again, to count a thousand letters.
fn sorter(path: &Path) -> io::Result<Child> {
    Command::new(env::current_exe()?).arg(path).spawn()
}

fn main() -> io::Result<()> {
    if let Some(path) = env::args_os().nth(1) {
        let map = map(path.as_ref())?;
        (0..1000).for_each(|_| _ = counter(&map).fetch_add(1, Relaxed));
        return Ok(());
    }

    let path = env::temp_dir().join(format!("letters-{}", process::id()));
    fs::write(&path, 0_u64.to_ne_bytes())?;
    let map = map(&path)?;
    let letters = counter(&map);
    let sorters = [sorter(&path)?, sorter(&path)?, sorter(&path)?];
    for mut sorter in sorters {
        sorter.wait()?;
    }
    println!("3 processes counted {} letters", letters.load(Relaxed));

    // Wrong: a process comes in between.
    let before = letters.load(Relaxed);
    sorter(&path)?.wait()?;
    letters.store(before + 1, Relaxed);
    let count = letters.load(Relaxed);
    println!("trap: 1001 more, read and then written: {count}");

    drop(map);
    fs::remove_file(path)
}
