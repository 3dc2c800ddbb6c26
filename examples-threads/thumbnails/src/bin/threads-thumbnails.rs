//! Fetch photos and shrink them on a pool of threads: while some wait for the network, others
//! calculate, on every core.
//!
//! In Python: `ThreadPoolExecutor(max_workers=5).map(make_thumbnail, URLS)`, with
//! requests and Pillow. Pillow releases the GIL while it decodes and shrinks. A loop in
//! Python would not.
//!
//! ```console
//! $ cargo run --bin threads-thumbnails
//! Fetching http://127.0.0.1:PORT/photo/0.jpg...
//! Fetching http://127.0.0.1:PORT/photo/1.jpg...
//! Fetching http://127.0.0.1:PORT/photo/2.jpg...
//! Shrunk http://127.0.0.1:PORT/photo/0.jpg to 128x96
//! Shrunk http://127.0.0.1:PORT/photo/1.jpg to 96x128
//! Shrunk http://127.0.0.1:PORT/photo/2.jpg to 128x72
//! URL: http://127.0.0.1:PORT/photo/0.jpg, Thumbnail: 128x96
//! URL: http://127.0.0.1:PORT/photo/1.jpg, Thumbnail: 96x128
//! URL: http://127.0.0.1:PORT/photo/2.jpg, Thumbnail: 128x72
//! ```
//!
//! Siblings: `sequential-thumbnails` is the loop without the pool; `processes-thumbnails`
//! has processes in place of the threads, and these have to send each thumbnail back;
//! `async-thumbnails` fetches more at a time than it calculates, in less memory.
//! `machines-thumbnails` does both on several machines.

use std::sync::LazyLock;

use reqwest::blocking::Client;
use thread_pool::ThreadPool;
use thumbnail::{Thumbnail, shrink};
use workloads::blocking::{client, read_body};
use workloads::{Exit, Photo, ThumbnailError, ThumbnailsOptions, say};

/// One client for the whole program, as `requests.Session`: it keeps connections open.
static CLIENT: LazyLock<Client> = LazyLock::new(client);

#[tracing::instrument(skip_all, fields(%url), ret, err)] // for `--trace`
fn make_thumbnail(Photo { url, size }: Photo) -> Result<Thumbnail, ThumbnailError> {
    say!("Fetching {url}...");
    let response = CLIENT.get(&url).send()?.error_for_status()?;
    let photo = read_body(response)?;
    let thumbnail = shrink(&photo, size).map_err(ThumbnailError::shrink)?;
    say!("Shrunk {url} to {thumbnail}");
    Ok(thumbnail)
}

fn main() -> Exit {
    let options = ThumbnailsOptions::parse(
        "ThreadPoolExecutor(max_workers=5).map(make_thumbnail, URLS)",
    );
    let pool = ThreadPool::new(options.max_workers());
    let results = pool.map(make_thumbnail, options.photos());
    drop(pool); // The end of Python's `with`: waits for all calls, then ends the workers.
    // Two things can fail: the thumbnail, and its thread, which may panic.
    options.report(results.map(|result| anyhow::Ok(result??)))
}
