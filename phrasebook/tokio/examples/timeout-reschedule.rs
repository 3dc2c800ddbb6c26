//! Move a deadline while something waits for it: hang up after a silence, not after a
//! time.
//!
//! - **Python:** `asyncio.timeout(delay)` and its `reschedule(when)`
//! - **Rust:** a pinned `sleep` outside the loop, a branch of `select!`, and
//!   `Sleep::reset`
//! - **Needs:** `cargo add tokio -F macros,rt,sync,time,test-util`
//!
//! ```console
//! $ cargo run --example timeout-reschedule
//! heard: hello
//! heard: are you there
//! heard: bye
//! silence: hung up
//! trap: sleep inside select!: not hung up after 60 ticks
//! ```
//!
//! **Trap:** a `sleep` written inside `select!` is a new one at each turn, whichever
//! branch ended the last: a branch that ticks more often keeps it from ever firing.
//!
//! Neighbours: `timeout`, `timeout-at`, `sleep`.

use std::{pin::pin, time::Duration};

use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep};

const SILENCE: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let (mouth, mut ear) = mpsc::channel(3);
    for word in ["hello", "are you there", "bye"] {
        mouth.send(word).await.expect("the ear is open");
    }
    let mut meter = interval(Duration::from_secs(1));
    let mut silence = pin!(sleep(SILENCE));
    loop {
        tokio::select! {
            Some(word) = ear.recv() => {
                println!("heard: {word}");
                silence.as_mut().reset(Instant::now() + SILENCE);
            }
            _ = meter.tick() => {} // One more unit to pay.
            () = &mut silence => break,
        }
    }
    println!("silence: hung up");

    // Wrong: each tick begins a new silence.
    let mut ticks = 0;
    while ticks < 60 {
        tokio::select! {
            Some(_) = ear.recv() => {}
            _ = meter.tick() => ticks += 1,
            () = sleep(SILENCE) => break,
        }
    }
    println!("trap: sleep inside select!: not hung up after {ticks} ticks");
}
