//! Two processes work on the same memory.
//!
//! - **Python:** `multiprocessing.shared_memory.SharedMemory`
//! - **Rust:** `memmap2`: both map the same file; in Linux's `/dev/shm` it never meets a
//!   disk
//! - **Needs:** `cargo add memmap2`
//!
//! ```console
//! $ cargo run --example shared-memory
//! before: [10, 20, 30]
//! after the child has doubled it: [20, 40, 60]
//! trap: a child reads what was cut off: success false
//! ```
//!
//! **Trap:** mapping is `unsafe`, since nothing keeps others from changing the bytes, or
//! from cutting the file short. Then Unix kills whoever touches what is gone (`SIGBUS`).
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

/// Starts this program again, for one piece of work on the file, and waits.
fn child(work: &str, path: &Path) -> io::Result<ExitStatus> {
    Command::new(env::current_exe()?)
        .arg(work)
        .arg(path)
        .status()
}

fn main() -> io::Result<()> {
    if let [_, work, path] = &env::args().collect::<Vec<_>>()[..] {
        let mut picture = map(path.as_ref())?;
        match &work[..] {
            "double" => picture.iter_mut().for_each(|pixel| *pixel *= 2),
            _ => {
                // Wrong: breaks the promise. The mapping is as long as the file was.
                File::options().write(true).open(path)?.set_len(0)?;
                black_box(picture[0]);
            }
        }
        return Ok(());
    }

    let path = env::temp_dir().join(format!("picture-{}", process::id()));
    fs::write(&path, [10, 20, 30])?;
    let picture = map(&path)?;
    println!("before: {:?}", &picture[..]);
    child("double", &path)?;
    println!("after the child has doubled it: {:?}", &picture[..]);
    drop(picture);

    let status = child("cut", &path)?;
    let success = status.success();
    println!("trap: a child reads what was cut off: success {success}");
    fs::remove_file(path)
}
