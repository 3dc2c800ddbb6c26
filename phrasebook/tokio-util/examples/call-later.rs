//! Have something done after a delay, or at a moment, unless it is cancelled before.
//!
//! - **Python:** `loop.call_later(delay, f)`, `loop.call_at(when, f)`,
//!   `TimerHandle.cancel`
//! - **Rust:** spawn a task that sleeps; for many timers one `DelayQueue`
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt,time,test-util`, `cargo add tokio-util -F time`
//!
//! ```console
//! $ cargo run --example call-later
//! phone: ring
//! tea: take it out
//! oven: look after the cake
//! trap: nobody asked: the cake comes out 20 minutes late
//! ```
//!
//! **Trap:** nothing calls back by itself. What a `DelayQueue` holds comes out when a
//! task asks for it, and not before.
//!
//! Neighbours: `sleep`, `task-cancel`, `timeout-reschedule`.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::time::DelayQueue;

fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let phone = tokio::spawn(async {
        sleep(minutes(1)).await; // call_later
        println!("phone: ring");
    });
    let visit = tokio::spawn(async {
        sleep_until(Instant::now() + minutes(2)).await; // call_at
        println!("door: let the guests in");
    });
    visit.abort(); // TimerHandle.cancel
    phone.await.expect("the phone does not panic");
    assert!(visit.await.is_err_and(|ended| ended.is_cancelled()));

    let mut timers = DelayQueue::new();
    timers.insert("oven: look after the cake", minutes(40));
    timers.insert("tea: take it out", minutes(5));
    let bath = timers.insert("bath: turn the water off", minutes(10));
    timers.remove(&bath); // The plug was out.
    while let Some(expired) = timers.next().await {
        println!("{}", expired.into_inner());
    }

    // Wrong: to put in and leave alone.
    timers.insert("oven: look after the cake", minutes(40));
    sleep(minutes(60)).await;
    if let Some(cake) = timers.next().await {
        let late = cake.deadline().elapsed().as_secs() / 60;
        println!("trap: nobody asked: the cake comes out {late} minutes late");
    }
}
