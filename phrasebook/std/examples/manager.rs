//! Several processes share one table.
//!
//! - **Python:** `multiprocessing.Manager()`, `manager.dict()`
//! - **Rust:** none: one process owns the table and answers the others through a socket
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example manager
//! pie: 3
//! soup: 3
//! trap: 2 more read, then both wrote: 4 for soup
//! ```
//!
//! **Trap:** two requests are not one step. Offer what callers mean (`add`) as one
//! request; to get and then set loses votes, as it does with Python's proxies.
//!
//! Neighbours: `multiprocessing-queue`, `shared-value`, `process`.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::{env, thread};

/// Answers one request after the other, so that its table needs no lock.
fn own_votes(listener: TcpListener) -> io::Result<()> {
    let mut votes = HashMap::<String, u32>::new();
    for client in listener.incoming() {
        let mut client = BufReader::new(client?);
        let mut request = String::new();
        client.read_line(&mut request)?;
        let words: Vec<_> = request.split_whitespace().collect();
        let count = votes.entry(words[1].to_owned()).or_default();
        match words[..] {
            ["add", _] => *count += 1,
            ["set", _, number] => *count = number.parse().unwrap(),
            _ => {} // A "get": the answer is the same for all.
        }
        write!(client.get_mut(), "{count}")?;
    }
    Ok(())
}

fn ask(owner: &str, request: &str) -> io::Result<String> {
    let mut owner = TcpStream::connect(owner)?;
    writeln!(owner, "{request}")?;
    io::read_to_string(owner)
}

fn main() -> io::Result<()> {
    if let Some(owner) = env::args().nth(1) {
        ask(&owner, "add soup")?; // A voter: this program, started again.
        ask(&owner, "add pie")?;
        return Ok(());
    }

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let owner = listener.local_addr()?.to_string();
    thread::spawn(|| own_votes(listener));
    let voters = [(); 3].map(|()| Command::new(env::current_exe()?).arg(&owner).spawn());
    for voter in voters {
        voter?.wait()?;
    }
    for dish in ["pie", "soup"] {
        println!("{dish}: {}", ask(&owner, &format!("get {dish}"))?);
    }

    // Wrong: both voters have read before either of them writes.
    let read = [ask(&owner, "get soup")?, ask(&owner, "get soup")?];
    for votes in read {
        let votes: u32 = votes.parse().unwrap();
        ask(&owner, &format!("set soup {}", votes + 1))?;
    }
    let votes = ask(&owner, "get soup")?;
    println!("trap: 2 more read, then both wrote: {votes} for soup");
    Ok(())
}
