//! Write a source of values as one function that awaits and yields.
//!
//! - **Python:** `async def` with `yield`, `contextlib.aclosing`
//! - **Rust:** `stream!` of async-stream; where no await is needed, `stream::iter`
//! - **Needs:** `cargo add async-stream`, `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example async-generator
//! page 1
//! page 2
//! site closed
//! trap: after the last yield: reached: false
//! ```
//!
//! **Trap:** what stands after the last `yield` is skipped when the consumer stops
//! early, and there is no `aclose`: put clean-up into a destructor. And `next` needs a
//! pinned stream.
//!
//! Neighbours: `async-for`, `async-with`, `async-map-buffersize`.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use async_stream::stream;
use futures_util::{Stream, StreamExt};
use tokio::task::yield_now;

struct Site;

impl Drop for Site {
    fn drop(&mut self) {
        println!("site closed");
    }
}

static AT_END: AtomicBool = AtomicBool::new(false);

/// Nothing happens before somebody asks for the first page.
fn crawl() -> impl Stream<Item = String> {
    stream! {
        let _site = Site;
        for page in 1..=3 {
            yield_now().await; // The site takes its time.
            yield format!("page {page}");
        }
        AT_END.store(true, Relaxed); // Wrong place: not everybody comes this far.
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    {
        let mut pages = pin!(crawl());
        while let Some(page) = pages.next().await {
            println!("{page}");
            if page == "page 2" {
                break;
            }
        }
    } // The stream goes here, and what it holds.
    println!(
        "trap: after the last yield: reached: {}",
        AT_END.load(Relaxed)
    );
}
