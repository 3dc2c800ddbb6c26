//! Context variable: a value that goes along with a task, not through every function.
//!
//! - **Python:** `contextvars.ContextVar`, `Context.run`, `copy_context`,
//!   `create_task(f(), context=context)`
//! - **Rust:** `task_local!`, and `scope` around a future, `sync_scope` around a closure;
//!   for the request's id in every log line, the spans of the crate tracing
//! - **Needs:** `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example contextvars
//! request 1: look up Ann
//! request 1: write the log
//! request 2: look up Bob
//! request 2: write the log
//! outside: no request
//! trap: spawn without scope: no request
//! trap: spawn_blocking without sync_scope: no request
//! ```
//!
//! **Trap:** Python copies the context into every task and into `to_thread`. A spawned
//! task or closure inherits nothing: give it its scope anew. There is no `set` either: a
//! value holds for one scope. `get` outside a scope panics; `try_get` gives an error.
//!
//! Neighbours: `current-task`, `create-task`, `to-thread`.

use tokio::task::{JoinError, spawn_blocking};

tokio::task_local! {
    static REQUEST: u32;
}

fn log(what: &str) {
    match REQUEST.try_get() {
        Ok(request) => println!("request {request}: {what}"),
        Err(_) => println!("{what}: no request"),
    }
}

async fn handle(name: &str) -> Result<(), JoinError> {
    log(&format!("look up {name}"));
    let request = REQUEST.get();
    tokio::spawn(REQUEST.scope(request, async { log("write the log") })).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), JoinError> {
    for (request, name) in [(1, "Ann"), (2, "Bob")] {
        REQUEST.scope(request, handle(name)).await?;
    }
    log("outside");

    // Wrong: neither is in the scope of request 3.
    let children = async {
        tokio::spawn(async { log("trap: spawn without scope") }).await?;
        spawn_blocking(|| log("trap: spawn_blocking without sync_scope")).await
    };
    REQUEST.scope(3, children).await
}
