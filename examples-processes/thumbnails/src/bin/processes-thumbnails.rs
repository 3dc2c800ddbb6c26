//! Fetch photos and shrink them in worker processes, which send the thumbnails back.
//!
//! In Python: `ProcessPoolExecutor(max_workers=5).map(make_thumbnail, URLS)`, with requests and
//! Pillow.
//!
//! ```console
//! $ cargo run --bin processes-thumbnails
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
//! Siblings: `sequential-thumbnails` is the loop without the pool; `threads-thumbnails` does the
//! same in one process; `async-thumbnails` fetches more at a time than it calculates.
//! `machines-thumbnails` does both on several machines.
//!
//! Only the thumbnail is sent back. It has 3 kB, so the call takes no longer than without
//! it: 0.03 ms. The pixels of the photo are 6 MB: sending them would take 3 ms. Shrinking
//! takes 7 ms.

use std::sync::LazyLock;

use process_pool::ProcessPool;
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
    // The pool starts this program again for each worker. In a worker this runs the calls and
    // never returns; in the program itself it does nothing. Python needs
    // `if __name__ == "__main__":` in the same place.
    process_pool::worker_entry()
        .function(make_thumbnail)
        .initializer(Settings::adopt)
        .enter();

    let options = ThumbnailsOptions::parse(
        "ProcessPoolExecutor(max_workers=5).map(make_thumbnail, URLS)",
    );
    let pool = ProcessPool::builder()
        .max_workers(options.max_workers())
        .initializer(Settings::adopt, Settings::for_workers())
        .build()?;
    let results = pool.map(make_thumbnail, options.photos());
    drop(pool); // The end of Python's `with`: waits for all calls, then ends the workers.
    // Two things can fail: the thumbnail, and its process, which may die.
    Ok(options.report(results.map(|result| anyhow::Ok(result??))))
}
