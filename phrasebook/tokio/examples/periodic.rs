//! Periodic task: do something again and again at a fixed interval.
//!
//! - **Python:** `while True: ...; await asyncio.sleep(n)`, which drifts; without drift
//!   sleep until `begin + i * n`
//! - **Rust:** `interval(period)`, and `tick().await` at the head of the loop
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example periodic
//! rounds at minute 0, 60, 120, 180
//! after a long round, Skip: 0, 150, 180, 240
//! after a long round, Delay: 0, 150, 210, 270
//! trap: after a long round, Burst, the default: 0, 150, 150, 180
//! ```
//!
//! In Python: nothing for `after a long round, Skip: 0, 150, 180, 240`; nothing for
//! `after a long round, Delay: 0, 150, 210, 270`.
//!
//! **Trap:** `tick()` ends immediately the first time, and again for each tick that was
//! missed. `Skip` drops the missed ones; `Delay` counts anew from the late tick. As in
//! Python, a plain `sleep` in a loop drifts: the time of the work is added.
//!
//! Neighbours: `sleep`, `call-later`, `timeout-reschedule`.

use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep};

const HOUR: Duration = Duration::from_hours(1);

/// The minutes at which four rounds begin. Only the first one takes time: `length`.
async fn rounds(mut ticks: Interval, length: Duration) -> String {
    let begin = Instant::now();
    let mut minutes = Vec::new();
    while minutes.len() < 4 {
        ticks.tick().await;
        minutes.push((begin.elapsed().as_secs() / 60).to_string());
        if minutes.len() == 1 {
            sleep(length).await;
        }
    }
    minutes.join(", ")
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let minutes = rounds(interval(HOUR), HOUR / 2).await;
    println!("rounds at minute {minutes}");

    let long = HOUR * 5 / 2;
    for behavior in [MissedTickBehavior::Skip, MissedTickBehavior::Delay] {
        let mut ticks = interval(HOUR);
        ticks.set_missed_tick_behavior(behavior);
        let minutes = rounds(ticks, long).await;
        println!("after a long round, {behavior:?}: {minutes}");
    }

    // Wrong if two rounds must not follow each other immediately.
    let minutes = rounds(interval(HOUR), long).await;
    println!("trap: after a long round, Burst, the default: {minutes}");
}
