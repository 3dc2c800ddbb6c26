//! Current thread: which thread is this, and is it the main thread?
//!
//! - **Python:** `threading.current_thread()`, `threading.main_thread()`,
//!   `threading.get_ident()`, `Thread.ident`
//! - **Rust:** `thread::current().id()`, `JoinHandle::thread().id()`; std cannot
//!   tell the main thread: keep its id at the start of `main`. The operating system's id
//!   (`threading.get_native_id()`, `Thread.native_id`): none in std;
//!   `rustix::thread::gettid` on Linux
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example current-thread
//! main: drawn
//! a helper: refused, not the main thread
//! two helpers, one after the other: different ids
//! trap: a helper named main takes itself for the main thread
//! ```
//!
//! In Python: nothing for `two helpers, one after the other: different ids`.
//!
//! **Trap:** std does not tell which thread is the main one, and any thread may be named
//! `main`: compare ids. An id is never used again, while Python's `get_ident` may return
//! the one of a thread that has ended.
//!
//! Neighbours: `thread-name`, `thread-local`.

use std::thread::{self, ThreadId};

/// Like many GUI toolkits, it draws in the main thread only.
struct Window {
    main: ThreadId,
}

impl Window {
    fn draw(&self) -> &'static str {
        if thread::current().id() == self.main {
            "drawn"
        } else {
            "refused, not the main thread"
        }
    }
}

fn main() {
    let window = Window {
        main: thread::current().id(),
    };
    println!("main: {}", window.draw());
    let drawn = thread::scope(|scope| scope.spawn(|| window.draw()).join());
    println!("a helper: {}", drawn.unwrap());

    let id = || thread::current().id();
    let first = thread::spawn(id).join().unwrap();
    let second = thread::spawn(id).join().unwrap();
    assert_ne!(first, second, "no id is used again");
    println!("two helpers, one after the other: different ids");

    // Wrong: a name proves nothing.
    let builder = thread::Builder::new().name("main".to_owned());
    let is_main = || thread::current().name() == Some("main");
    if builder.spawn(is_main).unwrap().join().unwrap() {
        println!("trap: a helper named main takes itself for the main thread");
    }
}
