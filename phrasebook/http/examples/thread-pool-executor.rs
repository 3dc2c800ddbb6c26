//! `ThreadPoolExecutor`: fetch three web pages at the same time on a pool of threads.
//!
//! - **Python:** `with ThreadPoolExecutor(max_workers=5) as executor:`,
//!   `executor.map(fetch_url, urls)`
//! - **Rust:** `ThreadPool::map`; std has no thread pool
//! - **Needs:** `cargo add reqwest --no-default-features -F blocking,rustls-no-provider`,
//!   `cargo add rustls --no-default-features -F ring,std,tls12`,
//!   `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example thread-pool-executor
//! URL: https://www.python.org/, Length: 51042
//! URL: https://www.djangoproject.com/, Length: 20313
//! URL: https://flask.palletsprojects.com/, Length: 17806
//! ```
//!
//! **Trap:** rayon is the best-known thread pool, but it is made for CPU work. It has one
//! thread for each core: on two cores it waits for two answers at a time.
//!
//! Neighbours: `process-pool-executor`, `threads-map`, `threads-fetch-url`,
//! `threads-postgres`.

use thread_pool::ThreadPool;

fn fetch_url(url: &str) -> reqwest::Result<usize> {
    // For many requests share one `Client`, which keeps connections open.
    let response = reqwest::blocking::get(url)?.error_for_status()?;
    Ok(response.bytes()?.len())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cryptography for https. reqwest's default features, which take longer to compile,
    // make this statement unnecessary.
    let provider = rustls::crypto::ring::default_provider();
    provider
        .install_default()
        .expect("no provider is installed yet");

    let urls = [
        "https://www.python.org/",
        "https://www.djangoproject.com/",
        "https://flask.palletsprojects.com/",
    ];
    let pool = ThreadPool::new(5);
    for (url, length) in urls.iter().zip(pool.map(fetch_url, urls)) {
        // Two errors: the pool's, and reqwest's.
        println!("URL: {url}, Length: {}", length??);
    }
    Ok(())
}
