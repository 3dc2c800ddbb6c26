//! Run a function of this program in a process of its own.
//!
//! - **Python:** `multiprocessing.Process(target=f, args=(x,))`, `start`, `join`,
//!   `exitcode`
//! - **Rust:** no function crosses over: the program starts itself again, and `main` sees
//!   by its arguments what it is to be
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example process
//! hello Ada
//! exit code 0
//! hello nobody
//! exit code 3
//! trap: its handle was dropped, and yet: hello Bob
//! ```
//!
//! **Trap:** dropping a `Child` neither ends the process nor waits for it. It goes on,
//! and on Unix it stays as a zombie when it has ended.
//!
//! Neighbours: `pipe`, `subprocess-run`, `multiprocessing-queue`.

use std::env;
use std::io::{self, Read, Write};
use std::process::{Command, ExitCode, Stdio};

fn greet(name: &str) -> ExitCode {
    println!("hello {name}");
    ExitCode::from(if name == "nobody" { 3 } else { 0 })
}

fn main() -> io::Result<ExitCode> {
    let me = env::current_exe()?;
    if let [_, when, name] = &env::args().collect::<Vec<_>>()[..] {
        if when == "later" {
            io::stdin().read_line(&mut String::new())?; // Until it is told.
        }
        return Ok(greet(name));
    }

    for name in ["Ada", "nobody"] {
        let mut child = Command::new(&me).args(["now", name]).spawn()?;
        let status = child.wait()?;
        println!("exit code {}", status.code().unwrap()); // None: killed by a signal.
    }

    // Wrong: as if letting go of the handle would call it off.
    let mut child = Command::new(&me)
        .args(["later", "Bob"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (mut ear, mut mouth) =
        (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    drop(child);
    writeln!(ear)?;
    let mut said = String::new();
    mouth.read_to_string(&mut said)?;
    print!("trap: its handle was dropped, and yet: {said}");
    Ok(ExitCode::SUCCESS)
}
