//! Async generator: a function that awaits, and yields values one after another.
//!
//! - **Python:** `async def` with `yield`; `AsyncGenerator.aclose`, `contextlib.aclosing`
//! - **Rust:** `stream!` of async-stream, `try_stream!` if it may fail;
//!   `stream::unfold` without that crate; `stream::iter` where nothing awaits
//! - **Needs:** `cargo add async-stream`, `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example async-generator
//! page 1
//! page 2
//! site closed
//! trap: consumer stopped before close(): sites still open: 1
//! ```
//!
//! **Trap:** there is no `finally` that awaits, and no `aclose`. A consumer that stops
//! early drops the stream, which is paused at a `yield`: only destructors run, and they
//! cannot await.
//! Let the consumer own what needs `close().await`. `next` needs a pinned stream: `pin!`.
//!
//! Neighbours: `async-for`, `async-with`, `async-map-buffersize`.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use async_stream::stream;
use futures_util::{Stream, StreamExt};
use tokio::task::yield_now;

/// A static only so that `main` can look at it afterwards.
static OPEN: AtomicUsize = AtomicUsize::new(0);

struct Site;

impl Site {
    fn open() -> Self {
        OPEN.fetch_add(1, Relaxed);
        Self
    }

    async fn fetch(&self, page: u32) -> String {
        yield_now().await; // The site takes its time.
        format!("page {page}")
    }

    async fn close(self) {
        yield_now().await; // The site answers.
        OPEN.fetch_sub(1, Relaxed);
        println!("site closed");
    }
}

/// Does nothing before the first call of `next`.
fn crawl(site: &Site) -> impl Stream<Item = String> {
    stream! {
        for page in 1..=3 {
            yield site.fetch(page).await;
        }
    }
}

fn crawl_and_close(site: Site) -> impl Stream<Item = String> {
    stream! {
        for page in 1..=3 {
            yield site.fetch(page).await;
        }
        site.close().await; // Wrong: runs only if the consumer calls `next` until `None`.
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let site = Site::open();
    {
        let mut pages = pin!(crawl(&site));
        while let Some(page) = pages.next().await {
            println!("{page}");
            if page == "page 2" {
                break;
            }
        }
    } // Drops the stream, which borrows the site.
    site.close().await;

    {
        let mut pages = pin!(crawl_and_close(Site::open()));
        pages.next().await;
    }
    let open = OPEN.load(Relaxed);
    println!("trap: consumer stopped before close(): sites still open: {open}");
}
