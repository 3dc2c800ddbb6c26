//! Hear of every failure of tasks that ran together, not of the first alone.
//!
//! - **Python:** `except* OSError as group`, `ExceptionGroup.exceptions`
//! - **Rust:** `GroupError::errors`: the first error, which cancelled the group, and the
//!   others
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread`,
//!   `cargo add tokio-util`, `cargo add --path CLONE/crates/task-group`
//!
//! ```console
//! $ cargo run --example exception-group
//! the disk is full
//! the line was cut
//! trap: try_join: the disk is full
//! ```
//!
//! **Trap:** `try_join!`, and `?` in a loop over a `JoinSet`, tell the first error and
//! drop the others, those of a clean-up among them.
//!
//! Neighbours: `task-group`, `gather-return-exceptions`, `task-cancel`.

use task_group::TaskGroup;
use tokio::try_join;
use tokio_util::sync::CancellationToken;

async fn save() -> Result<(), String> {
    Err("the disk is full".to_owned())
}

async fn send(stop: CancellationToken) -> Result<(), String> {
    stop.cancelled().await;
    Err("the line was cut".to_owned())
}

#[tokio::main]
async fn main() {
    let backup = TaskGroup::run(|group| async move {
        // Told by a token, it may still say how it ended; aborted, it could not.
        group.spawn_with_token(send);
        group.spawn(save());
        Ok(())
    });
    if let Err(group) = backup.await {
        for error in group.errors() {
            println!("{error}");
        }
    }

    // Wrong: the second is dropped where it waits.
    if let Err(error) = try_join!(send(CancellationToken::new()), save()) {
        println!("trap: try_join: {error}");
    }
}
