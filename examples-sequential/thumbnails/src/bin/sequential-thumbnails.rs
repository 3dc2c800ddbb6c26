//! Fetch photos and shrink them, one after another: the plain loop that every model is measured
//! against.
//!
//! In Python: `for url in URLS: make_thumbnail(url, 128)`, with requests and Pillow.
//!
//! ```console
//! $ cargo run --bin sequential-thumbnails
//! Fetching http://127.0.0.1:PORT/photo/0.jpg...
//! Shrunk http://127.0.0.1:PORT/photo/0.jpg to 128x96
//! Fetching http://127.0.0.1:PORT/photo/1.jpg...
//! Shrunk http://127.0.0.1:PORT/photo/1.jpg to 96x128
//! Fetching http://127.0.0.1:PORT/photo/2.jpg...
//! Shrunk http://127.0.0.1:PORT/photo/2.jpg to 128x72
//! URL: http://127.0.0.1:PORT/photo/0.jpg, Thumbnail: 128x96
//! URL: http://127.0.0.1:PORT/photo/1.jpg, Thumbnail: 96x128
//! URL: http://127.0.0.1:PORT/photo/2.jpg, Thumbnail: 128x72
//! ```
//!
//! Siblings: `threads-thumbnails` and `processes-thumbnails` wait for many photos at the
//! same time and calculate on every core; `async-thumbnails` fetches in tasks and
//! calculates on threads; `machines-thumbnails` does both on several machines. This page
//! does one thing at a time: while it waits no core is busy, and while it calculates
//! nothing is fetched.

use std::sync::LazyLock;

use reqwest::blocking::Client;
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
    let options = ThumbnailsOptions::parse("for url in URLS: make_thumbnail(url, 128)");
    let results: Vec<_> = options.photos().map(make_thumbnail).collect();
    options.report(results)
}
