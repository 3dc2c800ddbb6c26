//! Let several processes change one file, one at a time.
//!
//! - **Python:** `multiprocessing.Lock()`, `with lock:`
//! - **Rust:** `File::lock`, `try_lock`; closing the file gives it back, and so does a
//!   crash
//! - **Needs:** nothing but std
//! - **Platforms:** Unix
//!
//! ```console
//! $ cargo run --example processes-lock
//! 4 processes wrote 100 orders
//! while main has the lock, another finds it taken: true
//! trap: while main has the lock, another wrote without asking: true
//! ```
//!
//! **Trap:** the lock is advisory: it binds only those who ask for it. (Windows enforces
//! it, and would refuse the last write.)
//!
//! Neighbours: `shared-value`, `threads-lock`, `process`, `async-lock`.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::process::{self, Child, Command};

/// Reads the number in the file and writes one more, 25 times.
fn take_orders(path: &Path) -> io::Result<()> {
    for _ in 0..25 {
        let mut file = File::options().read(true).write(true).open(path)?;
        file.lock()?;
        let mut count = String::new();
        file.read_to_string(&mut count)?;
        file.rewind()?;
        write!(file, "{}", count.parse::<u32>().unwrap() + 1)?;
    }
    Ok(())
}

fn child(work: &str, path: &Path) -> io::Result<Child> {
    Command::new(env::current_exe()?)
        .arg(work)
        .arg(path)
        .spawn()
}

fn main() -> io::Result<()> {
    if let [_, work, path] = &env::args().collect::<Vec<_>>()[..] {
        return match &work[..] {
            "orders" => take_orders(path.as_ref()),
            // Wrong: does not ask, and so is not asked to wait.
            "scribble" => fs::write(path, "scribble"),
            _ => {
                let taken =
                    matches!(File::open(path)?.try_lock(), Err(TryLockError::WouldBlock));
                println!("while main has the lock, another finds it taken: {taken}");
                Ok(())
            }
        };
    }

    let path = env::temp_dir().join(format!("orders-{}", process::id()));
    fs::write(&path, "0")?;
    let waiters = [(); 4].map(|()| child("orders", &path));
    for waiter in waiters {
        waiter?.wait()?;
    }
    println!("4 processes wrote {} orders", fs::read_to_string(&path)?);

    let file = File::open(&path)?;
    file.lock()?;
    child("try", &path)?.wait()?;
    child("scribble", &path)?.wait()?;
    let scribbled = fs::read_to_string(&path)? == "scribble";
    println!("trap: while main has the lock, another wrote without asking: {scribbled}");
    fs::remove_file(path)
}
