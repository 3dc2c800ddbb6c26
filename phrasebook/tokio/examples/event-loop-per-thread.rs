//! Event loop per thread: several runtimes, each with tasks and state of its own.
//!
//! - **Python:** an `asyncio.new_event_loop()` or `asyncio.run` in each thread; in parallel
//!   only in the free-threaded build (`python3.14t`)
//! - **Rust:** a `LocalRuntime` in each thread, or a runtime of
//!   `Builder::new_current_thread`. Seldom needed: `#[tokio::main]` uses all CPUs
//! - **Needs:** `cargo add tokio -F rt,net,sync,time`
//!
//! ```console
//! $ cargo run --example event-loop-per-thread
//! loop of the even numbers: sum 20
//! loop of the odd numbers: sum 25
//! trap: awaited in another runtime, the socket receives nothing
//! ```
//!
//! **Trap:** a socket or a `sleep` belongs to the runtime in which it was made. Awaited in
//! another one, it waits for ever if its own does not run. Python raises an error ("attached
//! to a different loop"), if it notices. Channels and locks belong to no runtime.
//!
//! Neighbours: `new-event-loop`, `asyncio-run`, `call-soon-threadsafe`, `thread-local`.

use std::{cell::Cell, io, rc::Rc, thread, time::Duration};

use tokio::net::UdpSocket;
use tokio::runtime::LocalRuntime;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// What one event loop does. Its tasks share the sum without a lock: they are on one thread.
async fn add_all(mut numbers: UnboundedReceiver<u32>) -> u32 {
    let sum = Rc::new(Cell::new(0));
    let mut tasks = JoinSet::new();
    while let Some(number) = numbers.recv().await {
        let sum = Rc::clone(&sum);
        tasks.spawn_local(async move { sum.set(sum.get() + number) });
    }
    tasks.join_all().await;
    sum.get()
}

/// Runs an event loop on this thread.
fn run_loop(numbers: UnboundedReceiver<u32>) -> io::Result<u32> {
    let runtime = LocalRuntime::new()?; // It cannot move to another thread.
    Ok(runtime.block_on(add_all(numbers)))
}

fn main() -> io::Result<()> {
    let (even, even_numbers) = unbounded_channel();
    let (odd, odd_numbers) = unbounded_channel();
    let even_loop = thread::spawn(|| run_loop(even_numbers));
    let odd_loop = thread::spawn(|| run_loop(odd_numbers));
    for number in 1..10 {
        let sender = if number % 2 == 0 { &even } else { &odd };
        sender.send(number).expect("its loop receives to the end");
    }
    drop(even);
    drop(odd);
    // The error of `?` would be that of `LocalRuntime::new`.
    let sum = even_loop.join().expect("the thread does not panic")?;
    println!("loop of the even numbers: sum {sum}");
    let sum = odd_loop.join().expect("the thread does not panic")?;
    println!("loop of the odd numbers: sum {sum}");

    let home = LocalRuntime::new()?;
    let other = LocalRuntime::new()?;
    let socket = home.block_on(UdpSocket::bind("127.0.0.1:0"))?;
    let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    client.send_to(b"hello", socket.local_addr()?)?;
    // Wrong: no thread is in `home.block_on`, which would notice that data is there.
    let received = other.block_on(async {
        let limit = Duration::from_millis(100);
        timeout(limit, socket.recv(&mut [0; 5])).await
    });
    if received.is_err() {
        println!("trap: awaited in another runtime, the socket receives nothing");
    }
    assert_eq!(home.block_on(socket.recv(&mut [0; 5]))?, 5);
    Ok(())
}
