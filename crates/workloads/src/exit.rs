//! How a program ends.

use std::future::Future;
use std::process::{ExitCode, Termination};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::print::{print_error, print_note};
use crate::trace;

/// What the `main` of a page returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything went well: exit code 0.
    Success,
    /// At least one item failed, and stderr says which and why: exit code 1.
    Failure,
    /// Ctrl-C: the program dies by SIGINT, as its parent process expects of it.
    Interrupted,
}

impl Exit {
    /// Success if all of the results are, for a program that has reported those that are
    /// not.
    pub fn of<T, E>(results: &[Result<T, E>]) -> Exit {
        if results.iter().all(Result::is_ok) {
            Exit::Success
        } else {
            Exit::Failure
        }
    }
}

impl Termination for Exit {
    /// Runs when `main` has returned and everything it owned is gone. In an async program
    /// that includes the runtime, and with it every task that was still going.
    fn report(self) -> ExitCode {
        let trace = trace::finish().inspect_err(print_error);
        if let Ok(Some(lack)) = &trace {
            print_note(lack);
        }
        match self {
            Exit::Success if trace.is_err() => ExitCode::FAILURE,
            Exit::Success => ExitCode::SUCCESS,
            Exit::Failure => ExitCode::FAILURE,
            Exit::Interrupted => {
                // Returns only where the platform has no such death to die.
                let _ = signal_hook::low_level::emulate_default_handler(INTERRUPT);
                ExitCode::from(130)
            }
        }
    }
}

const INTERRUPT: i32 = signal_hook::consts::SIGINT;

/// Drives `work` to its end, or drops it at the first Ctrl-C; a second one ends the program
/// at once, without any clean-up.
///
/// Only async programs need this. A Ctrl-C ends every other program by itself, but here it
/// would keep the tasks from cleaning up: like `asyncio.run`, this cancels them first.
///
/// # Errors
///
/// Those of `work`.
pub async fn until_ctrl_c<E>(
    work: impl Future<Output = Result<Exit, E>>,
) -> Result<Exit, E> {
    let interrupted = async {
        // Asked before the first Ctrl-C sets the flag, so that it acts on the second.
        let flag = Arc::new(AtomicBool::new(false));
        let _ = signal_hook::flag::register_conditional_default(INTERRUPT, flag.clone());
        let _ = signal_hook::flag::register(INTERRUPT, flag);
        // Where no handler can be installed, Ctrl-C keeps its default: the end.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    };
    tokio::select! {
        // In this order, so that the handler stands before the work starts.
        biased;
        () = interrupted => Ok(Exit::Interrupted),
        ended = work => ended,
    }
}
