//! `communicate`: write to a program's standard input and collect all its output.
//!
//! - **Python:** `Popen.communicate(input)`, `subprocess.run(input=…)`
//! - **Rust:** write in a thread, while `Child::wait_with_output` reads both outputs
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example subprocess-communicate
//! 1000000 bytes in, 1000000 out, 1000000 on stderr
//! 10 bytes were enough
//! trap: all input is written before anything is read: both sides still wait after 50 ms
//! ```
//!
//! **Trap:** as in Python, a pipe holds little (64 kB on Linux). If the output of a
//! program is not read, it stops reading its input, and both sides wait for each other.
//! Short texts hide this. A program may also end before it has read everything:
//! `communicate` ignores that `BrokenPipe` error, Rust code has to do so itself.
//!
//! Neighbours: `subprocess-run`, `subprocess-pipeline`, `popen`.

use std::io::{self, ErrorKind, Read, Write};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

/// The program that is run: this one, with an argument.
fn program(task: &str) -> io::Result<()> {
    if task == "head" {
        io::stdin().read_exact(&mut [0; 10])?;
        println!("10 bytes were enough");
        return Ok(());
    }
    // Repeats its input, and writes as much on standard error.
    let count = io::copy(&mut io::stdin(), &mut io::stdout())?;
    io::copy(&mut io::repeat(b'!').take(count), &mut io::stderr())?;
    Ok(())
}

fn start(task: &str) -> io::Result<Child> {
    Command::new(env::current_exe()?)
        .arg(task)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

fn communicate(mut child: Child, text: &[u8]) -> io::Result<Output> {
    let mut input = child.stdin.take().expect("its input is piped");
    thread::scope(|scope| {
        let writer = scope.spawn(move || input.write_all(text)); // And closes it.
        let output = child.wait_with_output()?;
        match writer.join().expect("the writer does not panic") {
            // The program has ended before it has read everything.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(output),
            written => written.map(|()| output),
        }
    })
}

fn main() -> io::Result<()> {
    if let Some(task) = env::args().nth(1) {
        return program(&task);
    }
    let text = vec![b'.'; 1_000_000];

    let output = communicate(start("repeat")?, &text)?;
    assert!(output.status.success(), "the program has failed");
    let (out, errors) = (output.stdout.len(), output.stderr.len());
    println!("{} bytes in, {out} out, {errors} on stderr", text.len());

    let output = communicate(start("head")?, &text)?;
    assert!(output.status.success(), "the program has failed");
    print!("{}", String::from_utf8_lossy(&output.stdout));

    // Wrong: first all of the input, then the output. (In a thread, to see it hang.)
    let mut child = start("repeat")?;
    let mut input = child.stdin.take().unwrap();
    let (sender, written) = mpsc::channel();
    thread::spawn(move || sender.send(input.write_all(&text)));
    if written.recv_timeout(Duration::from_millis(50)).is_err() {
        println!(
            "trap: all input is written before anything is read: \
             both sides still wait after 50 ms"
        );
    }
    child.wait_with_output()?; // Reads, and so both go on.
    written.recv().unwrap()
}
