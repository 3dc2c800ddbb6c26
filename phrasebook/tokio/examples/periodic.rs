//! Do something again and again at a fixed pace.
//!
//! - **Python:** `while True: f(); await asyncio.sleep(...)`
//! - **Rust:** `interval(period)`, and `tick().await` at the head of the loop
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example periodic
//! rounds at minute 0, 60, 120, 180
//! a long one, missed ticks skipped: 0, 150, 180, 240
//! trap: a long one, missed ticks made up: 0, 150, 150, 180
//! ```
//!
//! In Python: nothing for `a long one, missed ticks skipped: 0, 150, 180, 240`.
//!
//! **Trap:** the first tick comes at once, and the ones that were missed come all
//! together, unless the interval is told to skip them. A plain `sleep` in a loop
//! drifts: the time of the work itself comes on top.
//!
//! Neighbours: `sleep`, `call-later`, `timeout-reschedule`.

use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior::Skip, interval, sleep};

const HOUR: Duration = Duration::from_hours(1);

/// When a watchman went his four rounds, of which the first took this long.
async fn rounds(mut clock: Interval, first: Duration) -> String {
    let begin = Instant::now();
    let mut rounds = Vec::new();
    while rounds.len() < 4 {
        clock.tick().await;
        rounds.push((begin.elapsed().as_secs() / 60).to_string());
        if rounds.len() == 1 {
            sleep(first).await;
        }
    }
    rounds.join(", ")
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    println!(
        "rounds at minute {}",
        rounds(interval(HOUR), HOUR / 2).await
    );

    let mut clock = interval(HOUR);
    clock.set_missed_tick_behavior(Skip);
    let skipped = rounds(clock, HOUR * 5 / 2).await;
    println!("a long one, missed ticks skipped: {skipped}");

    // Wrong, where two rounds at once are one too many.
    let made_up = rounds(interval(HOUR), HOUR * 5 / 2).await;
    println!("trap: a long one, missed ticks made up: {made_up}");
}
