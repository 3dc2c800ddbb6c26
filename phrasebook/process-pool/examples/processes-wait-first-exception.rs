//! Wait until the first of several tasks fails, or all have finished.
//!
//! - **Python:** `wait(futures, return_when=FIRST_EXCEPTION)`, `ALL_COMPLETED`
//! - **Rust:** `find` the first failure among `as_completed(handles)`, then
//!   `.into_unfinished()`
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-wait-first-exception
//! the first to fail is soup: not for an oven
//! not finished: the bakery's answer
//! trap: asked the pool alone, 0 of 2 have failed
//! ```
//!
//! **Trap:** a failure is an `Err` of the function or an `Err` of the pool. To look for
//! the second kind alone, `result.is_err()`, finds no failure where Python finds an
//! exception.
//!
//! Neighbours: `processes-submit`, `processes-wait-first-completed`,
//! `threads-wait-first-exception`, `async-wait-first-exception`.

use std::io;
use std::net::{TcpListener, TcpStream};

use process_pool::{ProcessPool, as_completed};

fn ask(port: u16) -> Result<String, String> {
    let answer = TcpStream::connect(("127.0.0.1", port)).and_then(io::read_to_string);
    answer.map_err(|error| error.to_string())
}

fn bake(dish: String) -> Result<String, String> {
    match dish.as_str() {
        "soup" => Err("not for an oven".to_owned()),
        _ => Ok(format!("a {dish}")),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry()
        .function(ask)
        .function(bake)
        .enter();
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let pool = ProcessPool::builder().max_workers(2).build()?;
    let bake = |dish: &str| pool.submit(bake, dish.to_owned());

    let names = ["the bakery's answer", "cake", "soup"];
    let handles = [pool.submit(ask, port), bake("cake"), bake("soup")];
    let mut finished = as_completed(handles);
    let failure = finished.find_map(|(index, result)| match result {
        Ok(Ok(_)) => None,
        Ok(Err(reason)) => Some((index, reason)),
        Err(error) => Some((index, error.to_string())),
    });
    if let Some((index, reason)) = failure {
        println!("the first to fail is {}: {reason}", names[index]);
    }
    for (index, _) in finished.into_unfinished() {
        println!("not finished: {}", names[index]);
    }
    drop(bakery); // Hangs up, so that the pool need not wait for the question.

    // Wrong: the pool did its work, and brought an `Err`.
    let results = as_completed([bake("cake"), bake("soup")]);
    let failed = results.filter(|(_, result)| result.is_err()).count();
    println!("trap: asked the pool alone, {failed} of 2 have failed");
    Ok(())
}
