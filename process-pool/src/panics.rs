//! Panics of tasks: caught, and told with their place.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, catch_unwind};

use crate::error::Failure;

/// Runs code of the user's, whose panic has been shown and is of no further effect.
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Option<T> {
    // A payload's destructor might panic in turn, so it is never dropped.
    catch_unwind(AssertUnwindSafe(f))
        .map_err(std::mem::forget)
        .ok()
}

/// What the hook noted about a panic.
struct Note {
    location: Option<String>,
    backtrace: Option<String>,
    /// As it would have been shown.
    text: String,
}

thread_local! {
    /// Whether a task runs on this thread.
    static IN_TASK: Cell<bool> = const { Cell::new(false) };
    /// The latest panic in it. An earlier one has been caught by the task itself.
    static LATEST: RefCell<Option<Note>> = const { RefCell::new(None) };
}

/// Panics of tasks travel to the parent, which shows them or not: the hook only notes them.
/// Those of other threads are shown here as usual.
pub(crate) fn report_as_data() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let text = info.to_string();
        if !IN_TASK.get() {
            return usual(info);
        }
        // A panic in a destructor, while another one unwinds: the process is about to
        // abort, and nobody will be able to tell why.
        if text.ends_with("panic in a destructor during cleanup") {
            if let Some(latest) = LATEST.take() {
                eprintln!("{}", latest.text);
            }
            return usual(info);
        }
        let backtrace = Backtrace::capture();
        let shown = backtrace.status() == BacktraceStatus::Captured;
        LATEST.set(Some(Note {
            location: info.location().map(ToString::to_string),
            backtrace: shown.then(|| backtrace.to_string()),
            text,
        }));
    }));
}

/// Runs a task, and turns a panic in it into a failure.
pub(crate) fn contain<T>(f: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    LATEST.take();
    IN_TASK.set(true);
    let result = catch_unwind(AssertUnwindSafe(f));
    IN_TASK.set(false);
    result.unwrap_or_else(|payload| {
        let message = if let Some(text) = payload.downcast_ref::<&str>() {
            (*text).to_owned()
        } else if let Some(text) = payload.downcast_ref::<String>() {
            text.clone()
        } else {
            "a panic without a message".to_owned()
        };
        std::mem::forget(payload);
        let note = LATEST.take();
        let (location, backtrace) = match note {
            Some(note) => (note.location, note.backtrace),
            None => (None, None),
        };
        Err(Failure::Panicked {
            message,
            location,
            backtrace,
        })
    })
}
