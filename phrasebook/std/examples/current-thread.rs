//! Ask which thread this is, and whether it is the main one.
//!
//! - **Python:** `threading.current_thread()`, `main_thread()`, `get_ident()`
//! - **Rust:** `thread::current().id()`, to compare with an id that `main` has kept
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example current-thread
//! main draws: true
//! a helper draws: false
//! two helpers in a row have one id: false
//! trap: a helper says that it is called main
//! ```
//!
//! In Python: nothing for `two helpers in a row have one id: false`.
//!
//! **Trap:** std does not tell which thread is the main one: any thread may be named
//! `main`. Compare ids. They are unique for good, where Python's `get_ident` may be used
//! again.
//!
//! Neighbours: `thread-name`, `thread-local`.

use std::thread::{self, ThreadId};

struct Window(ThreadId);

impl Window {
    fn draw(&self) -> bool {
        thread::current().id() == self.0 // Many a toolkit draws in one thread only.
    }
}

fn main() {
    let window = Window(thread::current().id());
    println!("main draws: {}", window.draw());
    let helper = thread::scope(|scope| scope.spawn(|| window.draw()).join());
    println!("a helper draws: {}", helper.unwrap());

    let id = || thread::current().id();
    let ids = [(); 2].map(|()| thread::spawn(id).join().unwrap());
    println!("two helpers in a row have one id: {}", ids[0] == ids[1]);

    // Wrong: a name proves nothing.
    let helper = thread::Builder::new().name("main".to_owned());
    let is_main = || thread::current().name() == Some("main");
    if helper.spawn(is_main).unwrap().join().unwrap() {
        println!("trap: a helper says that it is called main");
    }
}
