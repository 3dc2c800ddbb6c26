//! Have every thread of a pool do something once, before its first task.
//!
//! - **Python:** `ThreadPoolExecutor(initializer=f, initargs=(x,))`, `BrokenThreadPool`
//! - **Rust:** a `thread_local!`, whose first value each thread makes when it needs it;
//!   where that takes an argument, rayon's `start_handler` fills it
//! - **Needs:** `cargo add rayon`
//!
//! ```console
//! $ cargo run --example threads-initializer
//! bread is Brot
//! cake is Kuchen
//! trap: the start handler panicked
//! trap: all the same bread is nothing
//! ```
//!
//! **Trap:** a `start_handler` returns nothing and cannot refuse. If it panics, the
//! process aborts; with a `panic_handler` the thread goes on without what it should have
//! had, where Python breaks the pool. What can fail belongs before the pool, or into the
//! task.
//!
//! Neighbours: `processes-initializer`, `rayon-spawn-panic`.

use std::cell::RefCell;

use rayon::prelude::*;
use rayon::{ThreadPoolBuildError, ThreadPoolBuilder};

type Dictionary = &'static [[&'static str; 2]];

thread_local! {
    static DICTIONARY: RefCell<Dictionary> = const { RefCell::new(&[]) };
}

/// Opens a big dictionary that is not `Sync`, one for each thread.
fn open_dictionary(language: &str) {
    assert_eq!(language, "de", "no such dictionary");
    DICTIONARY.set(&[["bread", "Brot"], ["cake", "Kuchen"]]);
}

fn translate(word: &str) -> &'static str {
    DICTIONARY.with_borrow(|entries| {
        let entry = entries.iter().find(|entry| entry[0] == word);
        entry.map_or("nothing", |entry| entry[1])
    })
}

fn main() -> Result<(), ThreadPoolBuildError> {
    let pool = ThreadPoolBuilder::new()
        .start_handler(|_| open_dictionary("de"))
        .build()?;
    let words = ["bread", "cake"];
    let translate_all = || words.par_iter().map(|word| translate(word)).collect();
    let translations: Vec<_> = pool.install(translate_all);
    for (word, translation) in words.iter().zip(translations) {
        println!("{word} is {translation}");
    }

    // Wrong: nobody who uses the pool is told that it has no dictionary.
    let pool = ThreadPoolBuilder::new()
        .num_threads(1)
        .panic_handler(|_| println!("trap: the start handler panicked"))
        .start_handler(|_| open_dictionary("tlh"))
        .build()?;
    let translation = pool.install(|| translate("bread"));
    println!("trap: all the same bread is {translation}");
    Ok(())
}
