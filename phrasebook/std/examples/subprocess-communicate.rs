//! Feed a program through its standard input, and take all that it prints.
//!
//! - **Python:** `Popen.communicate(input)`, `subprocess.run(input=…)`
//! - **Rust:** write in a thread, while `wait_with_output` reads both outputs
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example subprocess-communicate
//! 1000000 bytes in, 1000000 out, 1000000 of errors
//! trap: written before anything is read: stuck after 50 ms
//! ```
//!
//! **Trap:** a pipe holds some kilobytes (64 on Linux). A program whose output nobody
//! takes stops reading its input, and both sides wait for each other; short texts hide
//! it.
//!
//! Neighbours: `subprocess-run`, `subprocess-pipeline`, `popen`.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

fn parrot() -> io::Result<Child> {
    Command::new(env::current_exe()?)
        .arg("parrot")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

fn main() -> io::Result<()> {
    if env::args().len() > 1 {
        // The program that is run: repeats what it hears, and complains as much.
        let heard = io::copy(&mut io::stdin(), &mut io::stdout())?;
        return io::stderr().write_all(&vec![b'!'; heard as usize]);
    }
    let text = vec![b'.'; 1_000_000];

    let mut child = parrot()?;
    let mut input = child.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        let text = &text;
        let writer = scope.spawn(move || input.write_all(text)); // And closes it.
        let output = child.wait_with_output();
        writer.join().unwrap()?;
        output
    })?;
    let (out, errors) = (output.stdout.len(), output.stderr.len());
    println!("{} bytes in, {out} out, {errors} of errors", text.len());

    // Wrong: first all of the input, then the output. (In a thread, to see it hang.)
    let mut child = parrot()?;
    let mut input = child.stdin.take().unwrap();
    let (done, written) = mpsc::channel();
    let writer = thread::spawn(move || done.send(input.write_all(&text)));
    if written.recv_timeout(Duration::from_millis(50)).is_err() {
        println!("trap: written before anything is read: stuck after 50 ms");
    }
    child.kill()?;
    child.wait()?;
    writer.join().unwrap().ok();
    Ok(())
}
