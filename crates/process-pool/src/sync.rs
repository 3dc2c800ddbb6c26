//! Locks, waits and calls of the user's code, none of which a panic can break.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// Locks, even if a thread has panicked while it held the lock: no code of a user runs
/// under a lock, so the state is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// Waits for a notification, but no longer than `limit`; [`Duration::MAX`] is no limit.
pub(crate) fn wait<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    limit: Duration,
) -> MutexGuard<'a, T> {
    let waited = condvar.wait_timeout(guard, limit);
    waited.unwrap_or_else(|poison| poison.into_inner()).0
}

/// Runs code of the user's. A panic in it has been shown by the hook, and ends here.
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Option<T> {
    // The panic's payload is never dropped: its destructor might panic as well.
    catch_unwind(AssertUnwindSafe(f))
        .map_err(std::mem::forget)
        .ok()
}
