//! `initializer` with threads: prepare every thread once, before its first task.
//!
//! - **Python:** `ThreadPoolExecutor(initializer=f, initargs=(x,))`, `BrokenThreadPool`
//! - **Rust:** `Builder::initializer`, which takes a closure, and a `thread_local!` that
//!   it fills
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`, `cargo add rayon`
//!
//! ```console
//! $ cargo run --example threads-initializer
//! bread is Brot
//! cake is Kuchen
//! the initializer failed: the pool is broken
//! trap: rayon's start_handler panicked
//! trap: its thread takes tasks all the same: bread is unknown
//! ```
//!
//! **Trap:** rayon's `start_handler` cannot return an error. If it panics, the process
//! aborts; with a `panic_handler`, the thread goes on and takes tasks. Python breaks the
//! pool.
//!
//! Neighbours: `processes-initializer`, `rayon-spawn-panic`.

use std::cell::RefCell;

use rayon::ThreadPoolBuilder;
use thread_pool::{BuildError, Error, ThreadPool};

type Dictionary = &'static [[&'static str; 2]];

thread_local! {
    static DICTIONARY: RefCell<Dictionary> = const { RefCell::new(&[]) };
}

/// Stands for opening a file or a connection that threads cannot share.
fn open_dictionary(language: &str) -> Result<(), String> {
    if language != "de" {
        return Err(format!("no dictionary for {language}"));
    }
    DICTIONARY.set(&[["bread", "Brot"], ["cake", "Kuchen"]]);
    Ok(())
}

fn translate(word: &str) -> &'static str {
    DICTIONARY.with_borrow(|entries| {
        let entry = entries.iter().find(|entry| entry[0] == word);
        entry.map_or("unknown", |entry| entry[1])
    })
}

fn in_language(language: &'static str) -> Result<ThreadPool, BuildError> {
    ThreadPool::builder()
        .initializer(move || open_dictionary(language))
        .build()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = in_language("de")?;
    let words = ["bread", "cake"];
    for (word, translation) in words.iter().zip(pool.map(translate, words)) {
        println!("{word} is {}", translation?);
    }
    // `build` does not wait for the initializer: its error is that of each task.
    let pool = in_language("xx")?;
    if let Err(Error::Broken(_)) = pool.submit(|| translate("bread")).join() {
        println!("the initializer failed: the pool is broken");
    }

    // Wrong: the pool takes tasks, and its thread has no dictionary.
    let pool = ThreadPoolBuilder::new()
        .num_threads(1)
        // Without it rayon aborts the process.
        .panic_handler(|_| println!("trap: rayon's start_handler panicked"))
        .start_handler(|_| open_dictionary("xx").expect("a dictionary"))
        .build()?;
    let translation = pool.install(|| translate("bread"));
    println!("trap: its thread takes tasks all the same: bread is {translation}");
    Ok(())
}
