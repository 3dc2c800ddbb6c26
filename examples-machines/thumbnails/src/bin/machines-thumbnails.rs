//! Fetch photos and shrink them on any number of machines, which send the thumbnails back.
//!
//! In Python: Dask's `client.gather(client.map(make_thumbnail, URLS))`, or a task of Celery's.
//!
//! ```console
//! $ cargo run --bin machines-thumbnails
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
//! Siblings: `processes-thumbnails` has its workers on this machine, without a queue;
//! `sequential-thumbnails` is the loop; `threads-thumbnails` does the same in one
//! process; `async-thumbnails` fetches more at a time than it calculates.
//!
//! Without `--server` this starts a server and workers of its own. To use several
//! machines: `--server nats://HOST:4222` here, and `--worker --server nats://HOST:4222`
//! on each of them.
//!
//! Only addresses and thumbnails pass through the server. A thumbnail has 3 kB. A worker
//! fetches its photo itself.

use std::sync::LazyLock;

use job_queue::{JobQueue, worker_entry};
use reqwest::blocking::Client;
use thumbnail::{Thumbnail, shrink};
use workloads::blocking::{client, read_body};
use workloads::{Exit, Photo, Settings, ThumbnailError, ThumbnailsOptions, say};

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

fn main() -> anyhow::Result<Exit> {
    // A worker is this program, started again, here or on another machine. In a worker this
    // runs the calls and never returns; in the program itself it does nothing.
    worker_entry(make_thumbnail)
        .check(ThumbnailsOptions::check)
        .initializer(Settings::adopt)
        .enter();

    let (options, machines): (_, job_queue::QueueOptions) =
        ThumbnailsOptions::parse_with_server(
            "client.gather(client.map(make_thumbnail, URLS))",
        );
    let settings = Settings::for_workers_at(machines.server.as_deref());
    let queue = JobQueue::builder(machines)
        .max_workers(options.max_workers())
        .settings(settings)
        .open()?;
    let results = queue.map(make_thumbnail, options.photos())?;
    // Two things can fail: the thumbnail, and its worker, which may be lost.
    Ok(options.report(results.map(|result| anyhow::Ok(result??))))
}
