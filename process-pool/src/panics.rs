//! Panics of tasks: caught, and told with their place.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
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
    message: String,
    location: Option<String>,
    backtrace: Option<String>,
}

thread_local! {
    /// While a task runs on this thread: how many panics there were in it.
    static PANICS: Cell<Option<usize>> = const { Cell::new(None) };
    /// The latest of them.
    static NOTES: RefCell<VecDeque<Note>> = const { RefCell::new(VecDeque::new()) };
}

/// Panics of tasks travel to the parent, which shows them or not: the hook only notes them.
/// Those of other threads are shown here as usual.
pub(crate) fn report_as_data() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let Some(panics) = PANICS.get() else {
            return usual(info);
        };
        PANICS.set(Some(panics + 1));
        let message = message(info.payload());
        // A panic in a destructor, while another one unwinds: the process is about to
        // abort, and nobody will be able to tell why.
        if message == "panic in a destructor during cleanup" {
            for note in NOTES.take() {
                let location = note.location.unwrap_or_default();
                eprintln!("a task panicked at {location}:\n{}", note.message);
            }
            return usual(info);
        }
        let backtrace = Backtrace::capture();
        let shown = backtrace.status() == BacktraceStatus::Captured;
        NOTES.with_borrow_mut(|notes| {
            notes.truncate(7);
            notes.push_front(Note {
                message,
                location: info.location().map(ToString::to_string),
                backtrace: shown.then(|| backtrace.to_string()),
            });
        });
    }));
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}

/// Runs a task, and turns a panic in it into a failure.
pub(crate) fn contain<T>(f: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    PANICS.set(Some(0));
    let result = catch_unwind(AssertUnwindSafe(f));
    let notes = match PANICS.take() {
        None | Some(0) => VecDeque::new(),
        Some(_) => NOTES.take(),
    };
    result.unwrap_or_else(|payload| {
        let message = message(&*payload);
        std::mem::forget(payload);
        // Others were caught by the task itself, or by a destructor on the way out.
        let note = notes.into_iter().find(|note| note.message == message);
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
