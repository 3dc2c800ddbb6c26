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

use std::io::{self, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::{env, io::stdin};

fn greet(name: &str) -> ExitCode {
    println!("hello {name}");
    ExitCode::from(if name == "nobody" { 3 } else { 0 })
}

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["greet", name] => return Ok(greet(name)),
        ["greet-later", name] => {
            stdin().read_line(&mut String::new())?;
            return Ok(greet(name));
        }
        _ => {}
    }

    for name in ["Ada", "nobody"] {
        let me = env::current_exe()?;
        let mut child = Command::new(me).args(["greet", name]).spawn()?;
        let status = child.wait()?;
        println!("exit code {}", status.code().unwrap());
    }

    // Wrong: as if letting go of the handle would call it off.
    let mut child = Command::new(env::current_exe()?)
        .args(["greet-later", "Bob"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (now, answer) = (child.stdin.take(), child.stdout.take());
    drop(child);
    writeln!(now.unwrap())?;
    let mut said = String::new();
    answer.unwrap().read_to_string(&mut said)?;
    print!("trap: its handle was dropped, and yet: {said}");
    Ok(ExitCode::SUCCESS)
}
