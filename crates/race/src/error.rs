use std::io;
use std::process::ExitStatus;
use std::time::Duration;

/// Why a run of a program has no result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The program could not be started.
    #[error("cannot start: {0}")]
    CannotStart(io::Error),
    /// It ran longer than the timeout.
    #[error("did not end within {0:?} and was killed")]
    TimedOut(Duration),
    /// It held more than half of the machine's free memory, in bytes.
    #[error("held more than {} MB of memory and was killed", .0 / 1_000_000)]
    TooMuchMemory(u64),
    /// It ended with an exit code other than 0, or by a signal.
    #[error("ended with {status}{}{stderr}", if stderr.is_empty() { "" } else { ": " })]
    Failed {
        /// Exit code or signal.
        status: ExitStatus,
        /// The last lines of its stderr.
        stderr: String,
    },
    /// Its output was wrong. The text is that of the check.
    #[error("{0}")]
    WrongAnswer(String),
    /// It printed a line of more than this many bytes.
    #[error("printed a line of more than {0} bytes")]
    LineTooLong(usize),
    /// It ended, but a process that it started holds its stdout or stderr open.
    #[error("left a process behind that keeps its output open")]
    OutputStaysOpen,
    /// The race was asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// A system call that is needed to watch the program failed.
    #[error("cannot watch the program: {0}")]
    System(#[from] io::Error),
}
