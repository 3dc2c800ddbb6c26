//! Fetch photos in async tasks and shrink them on threads: as many fetches at a time as you
//! like, and one calculation for each core.
//!
//! In Python: `asyncio.gather` over `make_thumbnail(url, 128)` under a `Semaphore(5)`, with
//! httpx, and `asyncio.to_thread` for Pillow.
//!
//! ```console
//! $ cargo run --bin async-thumbnails
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
//! Siblings: `sequential-thumbnails` is the loop without tasks; `threads-thumbnails` and
//! `processes-thumbnails` fetch and calculate in the same worker, so they decode as many
//! photos at a time as they fetch. With 20 workers the threads take 130 MB; with 20
//! fetches at a time this page takes 25 MB. `machines-thumbnails` does both on several
//! machines.

use std::sync::{Arc, LazyLock};

use futures_util::future::join_all;
use rayon::ThreadPoolBuilder;
use reqwest::Client;
use thumbnail::{Thumbnail, shrink};
use tokio::sync::{Semaphore, oneshot};
use workloads::{
    Exit, Photo, ThumbnailError, ThumbnailsOptions, client, read_body, say, until_ctrl_c,
};

/// One client for the whole program, as `httpx.AsyncClient`: it keeps connections open.
static CLIENT: LazyLock<Client> = LazyLock::new(client);

#[tracing::instrument(skip_all, fields(%url), ret, err)] // for `--trace`
async fn make_thumbnail(Photo { url, size }: Photo) -> Result<Thumbnail, ThumbnailError> {
    say!("Fetching {url}...");
    let response = CLIENT.get(&url).send().await?.error_for_status()?;
    let photo = read_body(response).await?;
    let thumbnail = shrink_on_rayon(photo, size).await?;
    say!("Shrunk {url} to {thumbnail}");
    Ok(thumbnail)
}

/// Shrinks a photo on a thread of rayon's pool, which has one for each core.
///
/// Shrinking has no `.await`: on a thread of the runtime it would stall every other fetch there,
/// as the phrasebook's page `cpu-work-on-the-runtime` shows.
async fn shrink_on_rayon(photo: Vec<u8>, size: u16) -> Result<Thumbnail, ThumbnailError> {
    let (sender, receiver) = oneshot::channel();
    rayon::spawn(move || {
        // Fails if the task was cancelled: nothing waits for the thumbnail any more.
        let _ = sender.send(shrink(&photo, size));
    });
    let shrunk = receiver
        .await
        .map_err(|_| ThumbnailError::shrink("the task panicked"))?;
    shrunk.map_err(ThumbnailError::shrink)
}

/// Makes a thumbnail as soon as the semaphore has a permit for it.
async fn make_in_turn(
    semaphore: Arc<Semaphore>,
    photo: Photo,
) -> anyhow::Result<Thumbnail> {
    // Bound to a name, because `let _ =` would give the permit back immediately.
    let _permit = semaphore.acquire().await?;
    Ok(make_thumbnail(photo).await?)
}

#[tokio::main]
async fn main() -> anyhow::Result<Exit> {
    let options = ThumbnailsOptions::parse("asyncio.gather(*map(make_thumbnail, URLS))");
    // A panic on a thread of rayon's pool would abort the program. So it fails its own photo.
    let threads = ThreadPoolBuilder::new().panic_handler(|_| {});
    threads.build_global()?;
    until_ctrl_c(async {
        // A task costs so little that every photo gets one. The semaphore limits how many are
        // fetched, or wait to be shrunk.
        let semaphore = Arc::new(Semaphore::new(options.max_workers()));
        let tasks: Vec<_> = options
            .photos()
            .map(|photo| tokio::spawn(make_in_turn(semaphore.clone(), photo)))
            .collect();
        let results = join_all(tasks).await.into_iter();
        // Two things can fail: the thumbnail, and its task, which may panic.
        Ok(options.report(results.map(|result| anyhow::Ok(result??))))
    })
    .await
}
