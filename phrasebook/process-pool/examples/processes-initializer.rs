//! `initializer` with processes: prepare every worker once, before its first task.
//!
//! - **Python:** `ProcessPoolExecutor(initializer=f, initargs=(x,))`, `BrokenProcessPool`
//! - **Rust:** `Builder::initializer(f, x)`, and a `static` that it fills; `worker_entry`
//!   has to name `f`, too, as every function that workers run
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-initializer
//! bread is Brot
//! cake is Kuchen
//! the initializer failed: the pool is broken
//! trap: only main has filled the dictionary: in a worker bread is unknown
//! ```
//!
//! **Trap:** as in Python with `spawn` or `forkserver`, a worker is this program started
//! again. It does not see what `main` has stored in a `static`. Only `fork`, the default
//! of Linux up to Python 3.13, copies that.
//!
//! Neighbours: `main-guard`, `max-tasks-per-child`, `threads-initializer`.

use std::sync::OnceLock;

use process_pool::{Error, ProcessPool};

static DICTIONARY: OnceLock<Vec<[&str; 2]>> = OnceLock::new();

/// Reads a big dictionary: too slow to do again for every task.
fn open_dictionary(language: String) -> Result<(), String> {
    if language != "de" {
        return Err(format!("no dictionary for {language}"));
    }
    DICTIONARY.get_or_init(|| vec![["bread", "Brot"], ["cake", "Kuchen"]]);
    Ok(())
}

fn translate(word: String) -> String {
    // Without the initializer there are no entries.
    let mut entries = DICTIONARY.get().into_iter().flatten();
    let entry = entries.find(|entry| entry[0] == word);
    entry.map_or("unknown", |entry| entry[1]).to_owned()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry()
        .function(translate)
        .initializer(open_dictionary)
        .enter();
    let pool_for = |language: &str| {
        ProcessPool::builder()
            .initializer(open_dictionary, language.to_owned())
            .build()
    };

    let pool = pool_for("de")?;
    let words = ["bread", "cake"];
    let translations = pool.map(translate, words.map(String::from));
    for (word, translation) in words.iter().zip(translations) {
        println!("{word} is {}", translation?);
    }
    let pool = pool_for("tlh")?;
    if let Err(Error::Broken(_)) = pool.submit(translate, "bread".to_owned()).join() {
        println!("the initializer failed: the pool is broken");
    }

    // Wrong: this fills the dictionary of this process only.
    open_dictionary("de".to_owned())?;
    let pool = ProcessPool::new()?;
    let translation = pool.submit(translate, "bread".to_owned()).join()?;
    println!(
        "trap: only main has filled the dictionary: in a worker bread is {translation}"
    );
    Ok(())
}
