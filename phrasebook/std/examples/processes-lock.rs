//! Lock between processes: one process at a time changes a file.
//!
//! - **Python:** `multiprocessing.Lock()`, `with lock:`, `acquire(block=False)`
//! - **Rust:** `File::lock`, `File::try_lock` on a file of its own; closing the file
//!   unlocks it, and so does a crash
//! - **Needs:** nothing but std
//! - **Platforms:** Unix
//!
//! ```console
//! $ cargo run --example processes-lock
//! 4 processes wrote 100 orders
//! while main has the lock, another process finds: taken
//! trap: the locked file was replaced, another process finds: free
//! ```
//!
//! **Trap:** the lock belongs to the open file, not to its name. If the data file itself
//! is locked, and a program replaces it by `rename`, the name leads to a new file that
//! is not locked. Lock a separate file that is never replaced or removed.
//!
//! Neighbours: `shared-value`, `threads-lock`, `process`, `async-lock`.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::process::{self, Child, Command, Stdio};

/// Reads the number in the file and writes one more, 25 times.
fn take_orders(folder: &Path) -> io::Result<()> {
    let orders = folder.join("orders");
    for _ in 0..25 {
        let lock = File::create(folder.join("lock"))?;
        lock.lock()?;
        let count: u32 = fs::read_to_string(&orders)?.parse().expect("a number");
        fs::write(&orders, (count + 1).to_string())?;
    } // Closes the file, which unlocks it, also after an error.
    Ok(())
}

fn try_lock(path: &Path) -> io::Result<&'static str> {
    let file = File::options().write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok("free"),
        Err(TryLockError::WouldBlock) => Ok("taken"),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn child(task: &str, path: &Path) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.arg(task).arg(path);
    Ok(command)
}

/// Lets another process try to lock the file, and gives what it finds.
fn try_in_a_child(path: &Path) -> io::Result<String> {
    let output = child("try", path)?.stderr(Stdio::inherit()).output()?;
    assert!(output.status.success(), "the child has failed");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn share(folder: &Path) -> io::Result<()> {
    let orders = folder.join("orders");
    fs::write(&orders, "0")?;
    let workers: Vec<Child> = (0..4)
        .map(|_| child("orders", folder)?.spawn())
        .collect::<io::Result<_>>()?;
    for mut worker in workers {
        assert!(worker.wait()?.success(), "a worker has failed");
    }
    println!("4 processes wrote {} orders", fs::read_to_string(&orders)?);

    let lock = File::create(folder.join("lock"))?;
    lock.lock()?;
    let found = try_in_a_child(&folder.join("lock"))?;
    println!("while main has the lock, another process finds: {found}");

    // Wrong: locks the data file, which is then replaced by a new one.
    let locked = File::options().write(true).open(&orders)?;
    locked.lock()?;
    fs::write(folder.join("new"), "200")?;
    fs::rename(folder.join("new"), &orders)?;
    let found = try_in_a_child(&orders)?;
    println!("trap: the locked file was replaced, another process finds: {found}");
    Ok(())
}

fn main() -> io::Result<()> {
    if let [_, task, path] = &env::args().collect::<Vec<_>>()[..] {
        // A child: this program, started again.
        if task == "orders" {
            return take_orders(path.as_ref());
        }
        print!("{}", try_lock(path.as_ref())?);
        return Ok(());
    }
    let folder = env::temp_dir().join(format!("orders-{}", process::id()));
    fs::create_dir(&folder)?;
    let result = share(&folder);
    fs::remove_dir_all(folder)?;
    result
}
