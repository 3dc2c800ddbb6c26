//! `select!` between threads: wait for several queues, for a timeout, for a periodic tick.
//!
//! - **Python:** none for `queue.Queue`: one queue for items of several kinds; for a job
//!   every n seconds `stop.wait(n)` in a loop; `sched.scheduler`
//! - **Rust:** `crossbeam_channel::select!`: `recv`, `send`, `default(limit)` for a timeout;
//!   `tick`, `after` and `at` make receivers of times. Sockets (`select`, `selectors`):
//!   mio, polling, `rustix::event::poll`, or tokio
//! - **Needs:** `cargo add crossbeam-channel`
//!
//! ```console
//! $ cargo run --example threads-select
//! timeout: nothing within 20 ms
//! delivered: letter to Ada, letter to Bob, parcel to Cy
//! a job every 5 ms: run 1, run 2, run 3
//! the job has been stopped
//! trap: a queue that is closed was ready 1000 times
//! ```
//!
//! **Trap:** a closed queue is always ready: `recv` gives `Err` immediately, and a loop
//! around `select!` uses a whole core. Put `never()` in its place. If several are ready,
//! one is chosen at random; `select_biased!` takes the first in the text. `tick` comes
//! first after one interval, and skips the ticks that your loop missed.
//!
//! Neighbours: `threads-queue`, `threads-queue-timeout`, `timer`, `periodic`,
//! `select-loses-data`.

use std::thread;
use std::time::Duration;

use crossbeam_channel::{bounded, never, select, tick, unbounded};

fn main() {
    let (letter_sender, mut letters) = unbounded();
    let (parcel_sender, mut parcels) = unbounded::<&str>();
    select! {
        recv(letters) -> letter => println!("{letter:?}"),
        recv(parcels) -> parcel => println!("{parcel:?}"),
        default(Duration::from_millis(20)) => println!("timeout: nothing within 20 ms"),
    }

    let mut delivered = Vec::new();
    thread::scope(|scope| {
        scope.spawn(move || {
            for name in ["Ada", "Bob"] {
                letter_sender.send(name).unwrap();
            }
        });
        scope.spawn(move || parcel_sender.send("Cy").unwrap());
        let mut open = 2;
        while open > 0 {
            select! {
                recv(letters) -> letter => match letter {
                    Ok(name) => delivered.push(format!("letter to {name}")),
                    Err(_) => {
                        letters = never(); // It is closed: do not look at it again.
                        open -= 1;
                    }
                },
                recv(parcels) -> parcel => match parcel {
                    Ok(name) => delivered.push(format!("parcel to {name}")),
                    Err(_) => {
                        parcels = never();
                        open -= 1;
                    }
                },
            }
        }
    });
    delivered.sort();
    println!("delivered: {}", delivered.join(", "));

    let (stop, stopped) = bounded::<()>(0);
    let (report, reports) = unbounded();
    let job = thread::spawn(move || {
        let ticks = tick(Duration::from_millis(5));
        for run in 1.. {
            select! {
                recv(ticks) -> _ => report.send(format!("run {run}")).unwrap(),
                recv(stopped) -> _ => break, // `stop` is dropped.
            }
        }
    });
    let runs: Vec<_> = reports.iter().take(3).collect();
    println!("a job every 5 ms: {}", runs.join(", "));
    drop(stop);
    job.join().unwrap();
    println!("the job has been stopped");

    // Wrong: the loop goes on with a queue that is closed.
    let (sender, closed) = unbounded::<&str>();
    let (_kept, idle) = unbounded::<&str>();
    drop(sender);
    let mut times = 0;
    while times < 1000 {
        select! {
            recv(closed) -> message => times += usize::from(message.is_err()),
            recv(idle) -> _ => break,
        }
    }
    println!("trap: a queue that is closed was ready {times} times");
}
