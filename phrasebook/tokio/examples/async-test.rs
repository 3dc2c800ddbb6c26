//! Async test: a test that awaits, and a clock that jumps ahead.
//!
//! - **Python:** `unittest.IsolatedAsyncioTestCase`, `mock.patch("asyncio.sleep")`;
//!   `pytest.mark.asyncio` of pytest-asyncio; `trio.testing.MockClock`
//! - **Rust:** `#[tokio::test]`, or `#[tokio::test(start_paused = true)]` with the feature
//!   `test-util` of tokio, which belongs to the dev-dependencies
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,net,time,test-util`
//!
//! ```console
//! $ cargo run --example async-test
//! third try: succeeds after 2 hours
//! all tries fail: the last error is returned
//! two threads: block_in_place works
//! trap: a test by default: block_in_place panics
//! trap: a paused clock and a socket: an hour passes immediately
//! ```
//!
//! In Python: nothing for `two threads: block_in_place works`.
//!
//! **Trap:** `#[tokio::test]` has one thread, `#[tokio::main]` several. `block_in_place`
//! works in `main`, and panics in a test. A paused clock jumps ahead when all tasks wait,
//! even for a socket: a timeout around it expires immediately.
//!
//! Neighbours: `sleep`, `timeout`, `block-on-in-runtime`, `asyncio-run`.

use std::panic::{self, catch_unwind};
use std::{io, time::Duration};

use tokio::net::TcpListener;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep, timeout};

const HOUR: Duration = Duration::from_hours(1);

/// What is tested: three tries, an hour apart.
async fn retry<T, E>(mut fetch: impl AsyncFnMut() -> Result<T, E>) -> Result<T, E> {
    for _ in 0..2 {
        if let Ok(value) = fetch().await {
            return Ok(value);
        }
        sleep(HOUR).await;
    }
    fetch().await
}

// In your tests, write `#[tokio::test(start_paused = true)]` here. It expands to `#[test]`
// and the next line. This page has that line itself, so that `main` can call its tests.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn third_try() {
    let start = Instant::now(); // tokio's: the `Instant` of std does not jump.
    let mut answers = [Err("offline"), Err("offline"), Ok("page")].into_iter();
    let fetched = retry(async || answers.next().expect("three tries")).await;
    assert_eq!(fetched, Ok("page"));
    assert_eq!(start.elapsed(), 2 * HOUR);
    println!("third try: succeeds after 2 hours");
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn all_tries_fail() {
    let mut errors = ["offline", "offline", "moved"].into_iter();
    let fetched: Result<(), _> = retry(async || Err(errors.next())).await;
    assert_eq!(fetched, Err(Some("moved")));
    println!("all tries fail: the last error is returned");
}

// In your tests: `#[tokio::test(flavor = "multi_thread", worker_threads = 2)]`
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn two_threads() {
    block_in_place(|| println!("two threads: block_in_place works"));
}

// In your tests: `#[tokio::test]`
#[tokio::main(flavor = "current_thread")]
async fn by_default() {
    block_in_place(|| println!("never printed")); // Wrong: it needs several threads.
}

// In your tests: `#[tokio::test(start_paused = true)]`
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn socket() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    // Wrong: no client can connect that fast.
    if timeout(HOUR, listener.accept()).await.is_err() {
        println!("trap: a paused clock and a socket: an hour passes immediately");
    }
    Ok(())
}

fn main() -> io::Result<()> {
    third_try();
    all_tries_fail();
    two_threads();
    panic::set_hook(Box::new(|_| ())); // For this page only: no message on stderr.
    if catch_unwind(by_default).is_err() {
        println!("trap: a test by default: block_in_place panics");
    }
    socket()
}
