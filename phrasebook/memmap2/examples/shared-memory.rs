//! Shared memory: two processes read and write the same bytes.
//!
//! - **Python:** `multiprocessing.shared_memory.SharedMemory`; `RawArray` and `RawValue`
//!   of `multiprocessing.sharedctypes`
//! - **Rust:** `memmap2`: both processes map the same file; in Linux's `/dev/shm` it is
//!   never written to a disk
//! - **Needs:** `cargo add memmap2`
//!
//! ```console
//! $ cargo run --example shared-memory
//! before: [10, 20, 30]
//! after the child has doubled it: [20, 40, 60]
//! trap: the file was cut short: the process that read the rest was killed
//! ```
//!
//! **Trap:** mapping is `unsafe`: any process that can open the file can change its
//! bytes, or cut it short, as `fs::write` and `File::create` do. On Unix, `SIGBUS` kills
//! a process that then touches bytes that are gone. Write through the mapping only.
//!
//! Neighbours: `shared-value`, `processes-lock`, `pipe`.

use std::fs::{self, File};
use std::path::Path;
use std::process::{self, Command, ExitStatus};
use std::{env, hint::black_box, io};

use memmap2::MmapMut;

#[allow(unsafe_code)]
fn map(path: &Path) -> io::Result<MmapMut> {
    let file = File::options().read(true).write(true).open(path)?;
    // SAFETY: only these processes know the file, and one waits while the other works.
    unsafe { MmapMut::map_mut(&file) }
}

/// Starts this program again, for one task on the file, and waits.
fn child(task: &str, path: &Path) -> io::Result<ExitStatus> {
    Command::new(env::current_exe()?)
        .arg(task)
        .arg(path)
        .status()
}

/// The child's part.
fn work(task: &str, path: &Path) -> io::Result<()> {
    let mut pixels = map(path)?;
    if task == "double" {
        for pixel in pixels.iter_mut() {
            *pixel *= 2;
        }
    } else {
        // Wrong: cuts the file, against `SAFETY`. The mapping keeps its length.
        File::create(path)?;
        black_box(pixels[0]); // Reads bytes that are gone.
    }
    Ok(())
}

fn share(path: &Path) -> io::Result<()> {
    fs::write(path, [10, 20, 30])?;
    let pixels = map(path)?;
    println!("before: {:?}", &pixels[..]);
    assert!(child("double", path)?.success(), "the child has failed");
    println!("after the child has doubled it: {:?}", &pixels[..]);
    drop(pixels);

    // A process that a signal ends has no exit code.
    if child("cut", path)?.code().is_none() {
        println!(
            "trap: the file was cut short: the process that read the rest was killed"
        );
    }
    Ok(())
}

fn main() -> io::Result<()> {
    if let [_, task, path] = &env::args().collect::<Vec<_>>()[..] {
        return work(task, path.as_ref());
    }
    let path = env::temp_dir().join(format!("pixels-{}", process::id()));
    let result = share(&path);
    fs::remove_file(path)?;
    result
}
