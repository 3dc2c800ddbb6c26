//! `Manager`: several processes share one dict, which one process owns.
//!
//! - **Python:** `multiprocessing.Manager()`, `manager.dict()`
//! - **Rust:** none: one process owns the dict, a `HashMap`, and answers the others
//!   through a socket
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example manager
//! pie: 3
//! soup: 3
//! trap: 2 more votes, but the count went up by 1
//! ```
//!
//! **Trap:** as in Python, a get and a set are two requests: what others set in between
//! is lost. Offer the whole change (`add`) as one request. Unlike Python's manager, a
//! plain socket asks for no `authkey`: it answers every program on this machine.
//!
//! Neighbours: `multiprocessing-queue`, `shared-value`, `process`.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::time::Duration;
use std::{env, thread};

/// Answers `get DISH`, `add DISH` or `set DISH NUMBER` with the number of votes.
fn answer(client: TcpStream, votes: &mut HashMap<String, u32>) -> io::Result<()> {
    // A silent client must not block the others.
    client.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut client = BufReader::new(client);
    let mut request = String::new();
    client.read_line(&mut request)?;
    let words: Vec<&str> = request.split_whitespace().collect();
    let count = match words[..] {
        ["get", dish] => votes.get(dish).copied().unwrap_or_default(),
        ["add", dish] => {
            let count = votes.entry(dish.to_owned()).or_default();
            *count += 1;
            *count
        }
        ["set", dish, count] => {
            let count = count.parse().map_err(io::Error::other)?;
            votes.insert(dish.to_owned(), count);
            count
        }
        _ => return Err(io::Error::other(format!("unknown request {request:?}"))),
    };
    write!(client.get_mut(), "{count}")
}

/// Answers one request after the other, so that `votes` needs no lock.
fn own_votes(listener: TcpListener) {
    let mut votes = HashMap::new();
    for client in listener.incoming() {
        if let Err(error) = client.and_then(|client| answer(client, &mut votes)) {
            eprintln!("a request failed: {error}"); // Goes on with the next one.
        }
    }
}

fn ask(owner: &str, request: &str) -> io::Result<u32> {
    let mut owner = TcpStream::connect(owner)?;
    writeln!(owner, "{request}")?;
    let count = io::read_to_string(owner)?;
    count.parse().map_err(io::Error::other)
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
    let voters: Vec<Child> = (0..3)
        .map(|_| Command::new(env::current_exe()?).arg(&owner).spawn())
        .collect::<io::Result<_>>()?;
    for mut voter in voters {
        assert!(voter.wait()?.success(), "a voter has failed");
    }
    for dish in ["pie", "soup"] {
        println!("{dish}: {}", ask(&owner, &format!("get {dish}"))?);
    }

    // Wrong: two clients (here both are `main`) read before either of them writes.
    let before = ask(&owner, "get soup")?;
    let read = [ask(&owner, "get soup")?, ask(&owner, "get soup")?];
    for votes in read {
        ask(&owner, &format!("set soup {}", votes + 1))?;
    }
    let more = ask(&owner, "get soup")? - before;
    println!("trap: 2 more votes, but the count went up by {more}");
    Ok(())
}
