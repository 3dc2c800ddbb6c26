//! Exception group: get every error of tasks that ran together, not only the first.
//!
//! - **Python:** `except* OSError as group`, `ExceptionGroup.exceptions`
//! - **Rust:** `GroupError::errors`: the first error, which cancelled the group, and the
//!   others; to pick by kind, as `except*` does, match on each error
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread`,
//!   `cargo add tokio-util`, `cargo add --path CLONE/crates/task-group`
//!
//! ```console
//! $ cargo run --example exception-group
//! the disk is full
//! the connection was cut
//! trap: try_join! returns the first error only: the disk is full
//! ```
//!
//! **Trap:** `try_join!`, and `?` in a loop over a `JoinSet`, return the first error and
//! lose the others, for instance an error of the clean-up.
//!
//! Neighbours: `task-group`, `gather-return-exceptions`, `task-cancel`.

use task_group::TaskGroup;
use tokio::try_join;
use tokio_util::sync::CancellationToken;

async fn save() -> Result<(), String> {
    Err("the disk is full".to_owned())
}

/// Sends until it is stopped, then fails in its clean-up.
async fn send(stop: CancellationToken) -> Result<(), String> {
    stop.cancelled().await;
    Err("the connection was cut".to_owned())
}

#[tokio::main]
async fn main() {
    let backup = TaskGroup::run(|group| async move {
        // Stopped by its token, `send` can still return an error. An aborted task cannot.
        group.spawn_with_token(send);
        group.spawn(save());
        Ok(())
    });
    if let Err(group_error) = backup.await {
        for error in group_error.errors() {
            println!("{error}");
        }
    }

    // Wrong, if every error counts: `send` is dropped where it waits.
    if let Err(error) = try_join!(send(CancellationToken::new()), save()) {
        println!("trap: try_join! returns the first error only: {error}");
    }
}
