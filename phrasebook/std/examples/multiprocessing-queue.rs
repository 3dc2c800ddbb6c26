//! Queue between processes: several children put their results into one queue.
//!
//! - **Python:** `multiprocessing.Queue()`, `multiprocessing.SimpleQueue()`, `put`, `get`
//! - **Rust:** none: each child has a pipe of its own, and a thread for each child sends
//!   what it reads into one `mpsc` channel; a message is a line
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example multiprocessing-queue
//! Ada: 5 words
//! Bob: 2 words
//! Cy: 3 words
//! trap: println! of one line of 2000 bytes is several writes
//! ```
//!
//! **Trap:** Python's queue has a lock; a pipe that several children share has none.
//! `println!` writes a line above 1 kB in pieces, and above `PIPE_BUF` (4 kB on Linux)
//! one write is not atomic either: messages mix. A line break would also split a message:
//! encode it, with JSON for instance.
//!
//! Neighbours: `pipe`, `process`, `processes-map`, `threads-simple-queue`.

use std::env;
use std::io::{self, BufRead, BufReader, LineWriter, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

/// Counts the calls of `write`. For a pipe each of them is a system call.
#[derive(Default)]
struct CountWrites(usize);

impl Write for CountWrites {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> io::Result<()> {
    if let [_, name, letter] = &env::args().collect::<Vec<_>>()[..] {
        // A child: this program, started again.
        println!("{name}: {} words", letter.split_whitespace().count());
        return Ok(());
    }

    let (sender, queue) = mpsc::channel();
    let mut children = Vec::new();
    for (name, letter) in [
        ("Ada", "Dear Bob, the engine runs."),
        ("Bob", "Oh no."),
        ("Cy", "See you soon."),
    ] {
        let mut child = Command::new(env::current_exe()?)
            .args([name, letter])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let messages = BufReader::new(child.stdout.take().unwrap()).lines();
        let sender = sender.clone();
        thread::spawn(move || {
            for message in messages {
                if sender.send(message).is_err() {
                    break; // The receiver is gone.
                }
            }
        });
        children.push(child);
    }
    drop(sender); // The queue ends when the last child has closed its pipe.
    let mut counts: Vec<String> = queue.iter().collect::<io::Result<_>>()?;
    for mut child in children {
        assert!(child.wait()?.success(), "a child has failed");
    }
    counts.sort(); // They came as they were ready.
    for count in counts {
        println!("{count}");
    }

    // Wrong, if children share one pipe: between two writes another child can write.
    let mut stdout = LineWriter::new(CountWrites::default()); // As std's stdout is.
    let letter = "x".repeat(2000);
    writeln!(stdout, "Dee: {letter}")?;
    if stdout.get_ref().0 > 1 {
        println!("trap: println! of one line of 2000 bytes is several writes");
    }
    Ok(())
}
