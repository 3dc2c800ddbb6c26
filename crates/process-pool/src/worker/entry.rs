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
/// anew: what stands before the entry runs in every worker, what stands after it in none.
/// Python has `if __name__ == "__main__"` for the same reason. The
/// [front page](crate#process-pool) has an example.
pub fn worker_entry() -> WorkerEntry {
    WorkerEntry::default()
}

impl WorkerEntry {
    /// Names a function that tasks may call: any `fn` item will do, and a closure that
    /// captures nothing. One that captures something does not compile, because a worker
    /// could not know what.
    ///
    /// # Panics
    /// If another function of the same name is registered, as two closures of one function
    /// would be.
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

    /// In a worker: runs tasks, all of them on this thread, and never returns. In the
    /// parent: returns immediately, and pools can be built from here on.
    ///
    /// A program that was started with a worker's last argument, but without a pool at the
    /// other end, says so on standard error and exits with code 2.
    ///
    /// # Panics
    /// If this program has entered another list before.
    pub fn enter(self) {
        let registry = self.registry.enter();
        // Off Linux another file may take this one's place later.
        program::program_file();
        if let Some(transport) = nesting::worker_flag() {
            serve::work(registry, transport)
        }
    }
}

/// What an initializer may return: nothing, or a [`Result`]. Its error is the reason why the
/// pool breaks.
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
