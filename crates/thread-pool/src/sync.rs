//! Locks, waits and calls of the user's code, all of which work after a panic.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// Locks a mutex, also a poisoned one. The user's code never runs under a lock, so a panic
/// cannot leave the state half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// Waits for a notification, but no longer than `limit`. [`Duration::MAX`] means no limit.
pub(crate) fn wait<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    limit: Duration,
) -> MutexGuard<'a, T> {
    let waited = condvar.wait_timeout(guard, limit);
    waited.unwrap_or_else(|poison| poison.into_inner()).0
}

/// Runs the user's code. If it panics, the panic hook prints the message, and this returns it
/// as the error.
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(message)
}

fn message(payload: Box<dyn Any + Send>) -> String {
    let payload = match payload.downcast::<String>() {
        Ok(text) => return *text,
        Err(other) => other,
    };
    match payload.downcast::<&str>() {
        Ok(text) => (*text).to_owned(),
        Err(other) => {
            // It is never dropped: its destructor might panic as well.
            std::mem::forget(other);
            "a panic without a message".to_owned()
        }
    }
}
