//! Have every thread of a pool do something once, before its first task.
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
//! one that fails: the pool is broken
//! trap: the start handler of rayon panicked
//! trap: all the same bread is nothing
//! ```
//!
//! **Trap:** rayon's `start_handler` returns nothing, so it cannot fail. If it panics,
//! the process aborts. With a `panic_handler` the thread goes on without what it should
//! have had, where Python breaks the pool.
//!
//! Neighbours: `processes-initializer`, `rayon-spawn-panic`.

use std::cell::RefCell;

use rayon::ThreadPoolBuilder;
use thread_pool::{BuildError, Error, ThreadPool};

type Dictionary = &'static [[&'static str; 2]];

thread_local! {
    static DICTIONARY: RefCell<Dictionary> = const { RefCell::new(&[]) };
}

/// Opens a big dictionary that is not `Sync`, one for each thread.
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
        entry.map_or("nothing", |entry| entry[1])
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
    let pool = in_language("tlh")?;
    if let Err(Error::Broken(_)) = pool.submit(|| translate("bread")).join() {
        println!("one that fails: the pool is broken");
    }

    // Wrong: nothing that uses the pool learns that it has no dictionary.
    let pool = ThreadPoolBuilder::new()
        .num_threads(1)
        .panic_handler(|_| println!("trap: the start handler of rayon panicked"))
        .start_handler(|_| open_dictionary("tlh").expect("a dictionary"))
        .build()?;
    let translation = pool.install(|| translate("bread"));
    println!("trap: all the same bread is {translation}");
    Ok(())
}
