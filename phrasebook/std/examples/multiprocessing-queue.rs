//! Several processes put their results into one queue.
//!
//! - **Python:** `multiprocessing.Queue()`, `put`, `get`
//! - **Rust:** one `io::pipe` that all children inherit as their standard output; a
//!   message is a line, and the queue ends when the last child has ended
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example multiprocessing-queue
//! Ada: 5 words
//! Bob: 1 words
//! Cy: 3 words
//! trap: 1 letter put, 2 messages got
//! ```
//!
//! **Trap:** there is no pickle: what crosses over is bytes. A line break inside a value
//! makes two messages of one; JSON would escape it.
//!
//! Neighbours: `pipe`, `process`, `threads-queue`.

use std::env;
use std::io::{self, BufRead, BufReader};
use std::process::{Command, Stdio};

/// Starts one child for each text, and gives the messages of all of them.
fn messages(work: &str, texts: &[&str]) -> io::Result<Vec<String>> {
    let (messages, put) = io::pipe()?;
    let mut children = Vec::new();
    for text in texts {
        let mut child = Command::new(env::current_exe()?);
        child
            .args([work, text])
            .stdin(Stdio::null())
            .stdout(put.try_clone()?);
        children.push(child.spawn()?);
    }
    drop(put); // Ours would keep the queue open.
    let messages = BufReader::new(messages).lines().collect();
    for mut child in children {
        child.wait()?;
    }
    messages
}

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().collect();
    if let [_, work, text] = &arguments[..] {
        let (name, letter) = text.split_once(": ").unwrap();
        match &work[..] {
            // A short line is one write, so lines of several children do not mix.
            "count" => println!("{name}\t{}", letter.split_whitespace().count()),
            _ => println!("{name}\t{letter}"),
        }
        return Ok(());
    }

    let letters = [
        "Ada: Dear Bob, the engine runs.",
        "Bob: No.",
        "Cy: See you soon.",
    ];
    let mut counts = messages("count", &letters)?;
    counts.sort(); // They came as they were ready.
    for message in counts {
        let (name, count) = message.split_once('\t').unwrap();
        println!("{name}: {count} words");
    }

    // Wrong: sends a text as it is, with line breaks and all.
    let got = messages("copy", &["Ada: Dear Bob,\nthe engine runs."])?;
    println!("trap: 1 letter put, {} messages got", got.len());
    Ok(())
}
