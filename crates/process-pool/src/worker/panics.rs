//! Panics of tasks: caught, and reported with their place.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe, catch_unwind};

use crate::wire::message::{Failure, Panic};

thread_local! {
    /// While a task runs on this thread, its latest panics, noted by the hook.
    static LATEST: RefCell<Option<VecDeque<Panic>>> = const { RefCell::new(None) };
}

/// Sets a panic hook that notes the panics of tasks and prints none of them: they are sent
/// to the parent as errors. Panics of other threads are printed as usual.
pub(crate) fn report_as_data() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let Some(mut latest) = LATEST.take() else {
            return usual(info);
        };
        let message = message(info.payload());
        // A destructor panicked during another panic's unwinding. The process is about to
        // abort and can send nothing, so its panics are printed here.
        if message == "panic in a destructor during cleanup" {
            for panic in latest {
                let location = panic.location.unwrap_or_default();
                eprintln!("a task panicked at {location}:\n{}", panic.message);
            }
            return usual(info);
        }
        let backtrace = Backtrace::capture();
        let captured = backtrace.status() == BacktraceStatus::Captured;
        latest.truncate(7);
        latest.push_front(Panic {
            message,
            location: info.location().map(ToString::to_string),
            backtrace: captured.then(|| backtrace.to_string()),
        });
        LATEST.set(Some(latest));
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
    LATEST.set(Some(VecDeque::new()));
    let result = catch_unwind(AssertUnwindSafe(f));
    let latest = LATEST.take().unwrap_or_default();
    result.unwrap_or_else(|payload| {
        let message = message(&*payload);
        std::mem::forget(payload);
        // The other panics were caught inside the task.
        let panic = latest.into_iter().find(|panic| panic.message == message);
        Err(Failure::Panicked(panic.unwrap_or_else(|| Panic {
            message,
            ..Panic::default()
        })))
    })
}
