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
    /// Whether a task runs on this thread, and whether there was a panic in it.
    static TASK: Cell<Option<bool>> = const { Cell::new(None) };
    /// The latest panic. An earlier one has been caught by the task itself.
    static LATEST: RefCell<Option<Note>> = const { RefCell::new(None) };
}

/// Panics of tasks travel to the parent, which shows them or not: the hook only notes them.
/// Those of other threads are shown here as usual.
pub(crate) fn report_as_data() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if TASK.get().is_none() {
            return usual(info);
        }
        TASK.set(Some(true));
        let text = info.to_string();
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
    TASK.set(Some(false));
    let result = catch_unwind(AssertUnwindSafe(f));
    let note = match TASK.take() {
        Some(true) => LATEST.take(),
        _ => None,
    };
    result.unwrap_or_else(|payload| {
        let message = if let Some(text) = payload.downcast_ref::<&str>() {
            (*text).to_owned()
        } else if let Some(text) = payload.downcast_ref::<String>() {
            text.clone()
        } else {
            "a panic without a message".to_owned()
        };
        std::mem::forget(payload);
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
