//! Let several workers take from one queue, each item going to one of them.
//!
//! - **Python:** several tasks that `await queue.get()` from one `asyncio.Queue`
//! - **Rust:** the receiver is one, so the workers share it: `Arc<Mutex<Receiver>>`; the
//!   crate async-channel has receivers that can be cloned
//! - **Needs:** `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example async-queue-workers
//! 6 pictures made smaller, 3 at once
//! trap: 6 pictures made smaller, 1 at once
//! ```
//!
//! **Trap:** `while let Some(x) = jobs.lock().await.recv().await` holds the lock through
//! the body of the loop: one works, the others wait for the lock.
//!
//! Neighbours: `async-queue`, `bounded-tasks`, `lock-across-await`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, Receiver};
use tokio::task::{JoinSet, yield_now};

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

type Jobs = Arc<Mutex<Receiver<u32>>>;

async fn shrink(_picture: u32) {
    MOST.fetch_max(NOW.fetch_add(1, Relaxed) + 1, Relaxed);
    yield_now().await; // The file is written.
    NOW.fetch_sub(1, Relaxed);
}

async fn worker(jobs: Jobs) -> usize {
    let mut done = 0;
    loop {
        // A statement of its own: at its end the lock is given back.
        let picture = jobs.lock().await.recv().await;
        let Some(picture) = picture else { break done };
        shrink(picture).await;
        done += 1;
    }
}

async fn hoarder(jobs: Jobs) -> usize {
    let mut done = 0;
    while let Some(picture) = jobs.lock().await.recv().await {
        shrink(picture).await; // Wrong: still locked.
        done += 1;
    }
    done
}

async fn work<W: Future<Output = usize> + Send + 'static>(
    worker: fn(Jobs) -> W,
) -> String {
    let (pictures, jobs) = mpsc::channel(6);
    let jobs = Arc::new(Mutex::new(jobs));
    for picture in 0..6 {
        pictures.send(picture).await.unwrap();
    }
    drop(pictures);
    let workers: JoinSet<usize> = (0..3).map(|_| worker(jobs.clone())).collect();
    let done: usize = workers.join_all().await.iter().sum();
    let most = MOST.swap(0, Relaxed);
    format!("{done} pictures made smaller, {most} at once")
}

// One thread, as in asyncio, so that the counts are the same each time.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("{}", work(worker).await);
    println!("trap: {}", work(hoarder).await);
}
