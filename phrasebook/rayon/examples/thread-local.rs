//! Thread-local variable: each thread has a value of its own.
//!
//! - **Python:** `threading.local()`
//! - **Rust:** `thread_local!`: a static; each thread makes its first value when it needs
//!   it
//! - **Needs:** `cargo add rayon`
//!
//! ```console
//! $ cargo run --example thread-local
//! in main: Ada
//! in a new thread: no user
//! trap: a pool's thread: the next task still finds Bob
//! trap: two clients, one value: the second finds Cy, the user of the first
//! ```
//!
//! In Python: nothing for `trap: two clients, one value: the second finds Cy, the user of
//! the first`.
//!
//! **Trap:** as in Python, a pool's thread keeps its values from task to task: set them
//! first in each task. Unlike a `threading.local()`, a `thread_local!` is one for the
//! whole program, not one per object: for a field there is the crate `thread_local`. A
//! tokio task may change its thread at each `.await`: it needs `task_local!`.
//!
//! Neighbours: `threads-initializer`, `contextvars`, `current-thread`, `module-global`.

use std::cell::Cell;
use std::error::Error;
use std::thread;

use rayon::ThreadPoolBuilder;

thread_local! {
    static USER: Cell<&'static str> = const { Cell::new("no user") };
}

struct Client;

impl Client {
    fn log_in(&self, user: &'static str) {
        USER.set(user);
    }

    fn user(&self) -> &'static str {
        USER.get()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    USER.set("Ada");
    println!("in main: {}", USER.get());
    let user = thread::spawn(|| USER.get()).join().unwrap();
    println!("in a new thread: {user}");

    // Wrong: the second task does not set the user.
    let pool = ThreadPoolBuilder::new().num_threads(1).build()?;
    pool.install(|| USER.set("Bob"));
    let user = pool.install(|| USER.get());
    println!("trap: a pool's thread: the next task still finds {user}");

    // Wrong: a static is no field, so all clients share it.
    let first = Client;
    let second = Client;
    first.log_in("Cy");
    let user = second.user();
    println!(
        "trap: two clients, one value: the second finds {user}, the user of the first"
    );
    Ok(())
}
