//! Have every worker process do something once, before its first task.
//!
//! - **Python:** `ProcessPoolExecutor(initializer=f, initargs=(x,))`
//! - **Rust:** `Builder::initializer(f, x)`, and a `static` that it fills
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-initializer
//! bread is Brot
//! cake is Kuchen
//! one that fails: the pool is broken
//! trap: filled by main, read in a worker: nothing
//! ```
//!
//! **Trap:** a worker is this program started anew, not a copy of this process as with
//! Python's `fork`: it knows nothing of what `main` has put into a `static`. (Neither
//! does Python's with `spawn`.)
//!
//! Neighbours: `main-guard`, `max-tasks-per-child`, `threads-initializer`.

use std::sync::OnceLock;

use process_pool::{Error, ProcessPool};

static DICTIONARY: OnceLock<Vec<[&str; 2]>> = OnceLock::new();

/// Reads a big dictionary, which each task would not want to do.
fn open_dictionary(language: String) -> Result<(), String> {
    if language != "de" {
        return Err(format!("no dictionary for {language}"));
    }
    DICTIONARY.get_or_init(|| vec![["bread", "Brot"], ["cake", "Kuchen"]]);
    Ok(())
}

fn translate(word: String) -> String {
    let mut entries = DICTIONARY.get().into_iter().flatten();
    let entry = entries.find(|entry| entry[0] == word);
    entry.map_or("nothing", |entry| entry[1]).to_owned()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry()
        .function(translate)
        .initializer(open_dictionary)
        .enter();
    let in_language = |language: &str| {
        ProcessPool::builder()
            .initializer(open_dictionary, language.to_owned())
            .build()
    };

    let pool = in_language("de")?;
    let words = ["bread", "cake"];
    let translations = pool.map(translate, words.map(String::from));
    for (word, translation) in words.iter().zip(translations) {
        println!("{word} is {}", translation?);
    }
    let pool = in_language("tlh")?;
    if let Err(Error::Broken(_)) = pool.submit(translate, "bread".to_owned()).join() {
        println!("one that fails: the pool is broken");
    }

    // Wrong: this fills the dictionary of this process alone.
    open_dictionary("de".to_owned())?;
    let pool = ProcessPool::new()?;
    let translation = pool.submit(translate, "bread".to_owned()).join()?;
    println!("trap: filled by main, read in a worker: {translation}");
    Ok(())
}
