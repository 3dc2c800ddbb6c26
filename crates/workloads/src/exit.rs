//! How a program ends.

use std::future::Future;
use std::process::{ExitCode, Termination};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use signal_hook::consts::SIGINT;
use signal_hook::flag;
use signal_hook::low_level::emulate_default_handler;

use crate::print::{print_error, print_note};
use crate::trace;

/// What the `main` of a page returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything went well: exit code 0.
    Success,
    /// At least one item failed, and stderr says which and why: exit code 1.
    Failure,
    /// Ctrl-C: the program ends by SIGINT, as its parent process expects.
    Interrupted,
}

impl Termination for Exit {
    /// Runs after `main` has returned and dropped everything that it owned. In an async program
    /// that includes the runtime and all its tasks.
    fn report(self) -> ExitCode {
        let trace = trace::finish().inspect_err(print_error);
        if let Ok(Some(missing)) = &trace {
            print_note(missing);
        }
        match self {
            Exit::Success if trace.is_ok() => ExitCode::SUCCESS,
            Exit::Success | Exit::Failure => ExitCode::FAILURE,
            Exit::Interrupted => {
                // Returns only on Windows, where a signal cannot end a program.
                let _ = emulate_default_handler(SIGINT);
                ExitCode::from(130)
            }
        }
    }
}

/// How long the clean-up after a Ctrl-C may take.
const CLEAN_UP: Duration = Duration::from_millis(1500);

/// Runs `work` to its end, or drops it at the first Ctrl-C. A second Ctrl-C ends the program
/// immediately. So does a clean-up that takes longer than 1.5 s.
///
/// Only async programs need this. By default a Ctrl-C ends a program without the clean-up of
/// its tasks. This cancels the tasks first, as `asyncio.run` does.
///
/// # Errors
///
/// Those of `work`.
pub async fn until_ctrl_c<E>(
    work: impl Future<Output = Result<Exit, E>>,
) -> Result<Exit, E> {
    let interrupted = async {
        // The order matters. At the first Ctrl-C the first handler finds the flag unset, and
        // the second handler sets it. At the second Ctrl-C the first handler ends the program.
        let is_second = Arc::new(AtomicBool::new(false));
        let _ = flag::register_conditional_default(SIGINT, is_second.clone());
        let _ = flag::register(SIGINT, is_second);
        // If no handler can be installed, Ctrl-C keeps its default and ends the program.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    };
    tokio::select! {
        // `biased` polls in this order, so the handler is installed before the work starts.
        biased;
        () = interrupted => {
            // The end of the runtime waits for its blocking threads, which cannot be cancelled.
            // One of them may wait for a name server that does not answer.
            let _ = thread::Builder::new().spawn(|| {
                thread::sleep(CLEAN_UP);
                print_note("the clean-up took longer than 1.5 s and was cut off");
                emulate_default_handler(SIGINT)
            });
            Ok(Exit::Interrupted)
        }
        ended = work => ended,
    }
}
