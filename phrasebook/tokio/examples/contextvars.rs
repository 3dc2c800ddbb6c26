//! Carry a value along with a task, without passing it through every function.
//!
//! - **Python:** `contextvars.ContextVar`, `Context.run`, `copy_context`
//! - **Rust:** `task_local!` and `scope`
//! - **Needs:** `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example contextvars
//! request 1: look up Ann
//! request 1: write the log
//! request 2: look up Bob
//! request 2: write the log
//! outside: no request
//! trap: spawned without scope: no request
//! ```
//!
//! **Trap:** Python copies the context into every task. A spawned task inherits
//! nothing: give it its scope anew. `get` outside a scope panics; `try_get` asks.
//!
//! Neighbours: `current-task`, `create-task`, `to-thread`.

tokio::task_local! {
    static REQUEST: u32;
}

fn log(what: &str) {
    match REQUEST.try_get() {
        Ok(request) => println!("request {request}: {what}"),
        Err(_) => println!("{what}: no request"),
    }
}

async fn handle(name: &str) {
    log(&format!("look up {name}"));
    // The value is set for a future, and goes with it wherever that is polled.
    let request = REQUEST.get();
    let child = REQUEST.scope(request, async { log("write the log") });
    tokio::spawn(child).await.expect("logging does not panic");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for (request, name) in [(1, "Ann"), (2, "Bob")] {
        REQUEST.scope(request, handle(name)).await;
    }
    log("outside");

    // Wrong: the child is a task of its own, with nothing in it.
    let request = async {
        let child = tokio::spawn(async { log("trap: spawned without scope") });
        child.await.expect("logging does not panic");
    };
    REQUEST.scope(3, request).await;
}
