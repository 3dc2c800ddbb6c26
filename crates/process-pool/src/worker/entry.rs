//! The worker entry: where a program becomes a worker.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::registry::Registry;
use super::serve;
use crate::wire::function::FunctionId;
use crate::wire::{nesting, program};

/// The functions that workers may run: made by [`worker_entry`].
#[must_use = "the program becomes a worker only when `enter` is called"]
#[derive(Debug, Default)]
pub struct WorkerEntry {
    registry: Registry,
}

/// Opens the list of functions that workers may run; [`enter`](WorkerEntry::enter) closes it.
///
/// This belongs at the very beginning of `main`. A worker is this same program, started
/// again. Code before the entry runs in every worker; code after it runs in none. Python
/// has `if __name__ == "__main__"` for the same reason. See the
/// [example](crate#process-pool).
pub fn worker_entry() -> WorkerEntry {
    WorkerEntry::default()
}

impl WorkerEntry {
    /// Names a function that tasks may call: a `fn` item, or a closure that captures
    /// nothing. A closure that captures something does not compile, because a worker would
    /// not have the captured values.
    ///
    /// # Panics
    /// If another function of the same name is registered. Two closures in one function
    /// have the same name.
    pub fn function<I: DeserializeOwned, O: Serialize>(
        mut self,
        function: impl Fn(I) -> O + Send + Sync + 'static,
    ) -> WorkerEntry {
        self.registry.insert(FunctionId::of(&function), function);
        self
    }

    /// Names a function that may be a pool's [initializer](crate::Builder::initializer).
    ///
    /// # Panics
    /// As [`function`](WorkerEntry::function).
    pub fn initializer<A: DeserializeOwned, R: InitializerResult>(
        mut self,
        initializer: impl Fn(A) -> R + Send + Sync + 'static,
    ) -> WorkerEntry {
        let id = FunctionId::of_initializer(&initializer);
        let initializer = move |argument| initializer(argument).into_result();
        self.registry.insert(id, initializer);
        self
    }

    /// In a worker, runs all tasks on this thread and never returns. In the parent, returns
    /// immediately; from here on pools can be built.
    ///
    /// If the program has a worker's last argument but was not started by a pool, it prints
    /// an error and exits with code 2.
    ///
    /// # Panics
    /// If this program has entered a worker entry before.
    pub fn enter(self) {
        let registry = self.registry.enter();
        // Off Linux the program's file may be replaced later, so it is read now.
        program::program_file();
        if let Some(transport) = nesting::worker_flag() {
            serve::work(registry, transport)
        }
    }
}

/// What an initializer may return: nothing, or a [`Result`]. An `Err` breaks the pool and
/// is shown as the reason.
pub trait InitializerResult {
    #[doc(hidden)]
    fn into_result(self) -> Result<(), String>;
}

impl InitializerResult for () {
    fn into_result(self) -> Result<(), String> {
        Ok(())
    }
}

impl<E: fmt::Display> InitializerResult for Result<(), E> {
    fn into_result(self) -> Result<(), String> {
        self.map_err(|error| error.to_string())
    }
}
