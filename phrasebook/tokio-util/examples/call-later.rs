//! Delayed call: run something after a delay or at a given time, unless cancelled before.
//!
//! - **Python:** `loop.call_later(delay, f)`, `loop.call_at(when, f)`;
//!   `TimerHandle.cancel`, which is `asyncio.Handle.cancel`
//! - **Rust:** spawn a task that sleeps; for many timers one `DelayQueue`
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt,time,test-util`, `cargo add tokio-util -F time`
//!
//! ```console
//! $ cargo run --example call-later
//! phone: ring
//! tea: take it out
//! oven: look after the cake
//! trap: DelayQueue not polled for an hour: the timer came 20 minutes late
//! ```
//!
//! **Trap:** nothing calls back by itself. What a `DelayQueue` holds comes out when a
//! task polls it with `next`, and not before: give the queue a task that does so in a
//! loop.
//!
//! Neighbours: `sleep`, `task-cancel`, `timeout-reschedule`.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::time::DelayQueue;

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let phone = tokio::spawn(async {
        sleep(Duration::from_mins(1)).await; // call_later
        println!("phone: ring");
    });
    let visit = tokio::spawn(async {
        sleep_until(Instant::now() + Duration::from_mins(2)).await; // call_at
        println!("door: let the guests in");
    });
    visit.abort(); // TimerHandle.cancel
    phone.await.expect("the task does not panic");

    let mut timers = DelayQueue::new();
    timers.insert("oven: look after the cake", Duration::from_mins(40));
    timers.insert("tea: take it out", Duration::from_mins(5));
    let bath = timers.insert("bath: turn the water off", Duration::from_mins(10));
    timers.remove(&bath);
    while let Some(expired) = timers.next().await {
        println!("{}", expired.into_inner());
    }

    // Wrong: no task polls the queue while the time passes.
    timers.insert("oven: look after the cake", Duration::from_mins(40));
    sleep(Duration::from_hours(1)).await;
    let oven = timers.next().await.expect("one timer is left");
    let late = oven.deadline().elapsed().as_secs() / 60;
    println!(
        "trap: DelayQueue not polled for an hour: the timer came {late} minutes late"
    );
}
