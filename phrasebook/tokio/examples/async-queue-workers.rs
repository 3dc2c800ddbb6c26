//! Async worker pool: several workers take items from one queue.
//!
//! - **Python:** several tasks that `await queue.get()` from one `asyncio.Queue`
//! - **Rust:** there is one receiver, so the workers share it: `Arc<Mutex<Receiver>>`;
//!   the crate async-channel has receivers that can be cloned
//! - **Needs:** `cargo add tokio -F macros,rt,sync,time,test-util`
//!
//! ```console
//! $ cargo run --example async-queue-workers
//! 6 pictures made smaller, 3 at the same time
//! trap: 6 pictures made smaller, 1 at a time
//! ```
//!
//! **Trap:** `while let Some(job) = jobs.lock().await.recv().await` holds the lock
//! through the body of the loop. One worker works, the others wait for the lock.
//!
//! Neighbours: `async-queue`, `bounded-tasks`, `lock-across-await`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, Receiver};
use tokio::task::JoinSet;
use tokio::time::sleep;

// Only for the numbers that this page prints: pictures in work now, and their maximum.
static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

type Jobs = Arc<Mutex<Receiver<u32>>>;

async fn shrink(_picture: u32) {
    MOST.fetch_max(NOW.fetch_add(1, Relaxed) + 1, Relaxed);
    sleep(Duration::from_secs(1)).await; // The file is written.
    NOW.fetch_sub(1, Relaxed);
}

async fn worker(jobs: Jobs) -> usize {
    let mut done = 0;
    loop {
        // A statement of its own: at its end the lock is released.
        let picture = jobs.lock().await.recv().await;
        let Some(picture) = picture else { break done };
        shrink(picture).await;
        done += 1;
    }
}

async fn locking_worker(jobs: Jobs) -> usize {
    let mut done = 0;
    while let Some(picture) = jobs.lock().await.recv().await {
        shrink(picture).await; // Wrong: still locked.
        done += 1;
    }
    done
}

async fn queue_of_pictures() -> Jobs {
    let (sender, receiver) = mpsc::channel(6);
    for picture in 0..6 {
        sender.send(picture).await.expect("the receiver is there");
    }
    // The sender is dropped here, so that the workers end after the last picture.
    Arc::new(Mutex::new(receiver))
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let jobs = queue_of_pictures().await;
    let mut workers = JoinSet::new();
    for _ in 0..3 {
        workers.spawn(worker(jobs.clone()));
    }
    let done: usize = workers.join_all().await.iter().sum();
    let most = MOST.swap(0, Relaxed);
    println!("{done} pictures made smaller, {most} at the same time");

    let jobs = queue_of_pictures().await;
    let mut workers = JoinSet::new();
    for _ in 0..3 {
        workers.spawn(locking_worker(jobs.clone()));
    }
    let done: usize = workers.join_all().await.iter().sum();
    let most = MOST.swap(0, Relaxed);
    println!("trap: {done} pictures made smaller, {most} at a time");
}
