//! `wait(FIRST_EXCEPTION)` with threads: wait until a task fails, or all have finished.
//!
//! - **Python:** `concurrent.futures.wait(futures, return_when=FIRST_EXCEPTION)`;
//!   `ALL_COMPLETED`
//! - **Rust:** `find_map` the first failure in `as_completed(handles)`, then
//!   `.into_unfinished()`; for `ALL_COMPLETED` join every handle
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-wait-first-exception
//! the first to fail is soup: not for an oven
//! not finished: the bakery's answer
//! trap: is_err() found 0 failures, but a task returned an Err
//! ```
//!
//! **Trap:** a failure is an `Err` of the function or an error of the pool.
//! `result.is_err()` finds only the second kind. Python finds an exception either way.
//!
//! Neighbours: `threads-submit`, `threads-wait-first-completed`,
//! `threads-map-first-error`, `processes-wait-first-exception`,
//! `async-wait-first-exception`.

use std::io;
use std::net::{TcpListener, TcpStream};

use thread_pool::{ThreadPool, as_completed};

fn ask(port: u16) -> Result<String, String> {
    let answer = TcpStream::connect(("127.0.0.1", port)).and_then(io::read_to_string);
    answer.map_err(|error| error.to_string())
}

fn bake(dish: &str) -> Result<String, String> {
    match dish {
        "soup" => Err("not for an oven".to_owned()),
        _ => Ok(format!("a {dish}")),
    }
}

fn main() -> io::Result<()> {
    let pool = ThreadPool::new(2);
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let submit = |dish| pool.submit(move || bake(dish));

    let names = ["the bakery's answer", "cake", "soup"];
    let handles = [
        pool.submit(move || ask(port)),
        submit("cake"),
        submit("soup"),
    ];
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
    drop(bakery); // Ends the task. Otherwise the pool would wait for it.

    // Wrong: the result of a task that returned an `Err` is `Ok(Err(..))`.
    let results = as_completed([submit("cake"), submit("soup")]);
    let failed = results.filter(|(_, result)| result.is_err()).count();
    println!("trap: is_err() found {failed} failures, but a task returned an Err");
    Ok(())
}
