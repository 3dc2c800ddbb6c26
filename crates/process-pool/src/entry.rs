//! The worker entry: which functions workers may run, and how they are told apart.

use std::any::{TypeId, type_name};
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::{decode, encode, next_item};
use crate::error::{Failure, Value};
use crate::frame;
use crate::guard;
use crate::panics::contain;
use crate::protocol::{self, Call};
use crate::worker;

/// What tells a function from all others. Its name alone does not: the closures of one
/// function share theirs, and so do functions inside of it.
#[derive(Clone, Copy)]
pub struct FunctionId {
    pub(crate) name: &'static str,
    pub(crate) is_initializer: bool,
    /// What a worker is told beside the name. A hash of its type, which no two share, but
    /// which means nothing in another program; or of the names of what it takes and returns.
    pub(crate) key: fn(by_type: bool) -> u64,
}

impl FunctionId {
    pub(crate) fn of<F: Fn(I) -> O + 'static, I, O>(_: &F) -> FunctionId {
        const {
            assert!(
                size_of::<F>() == 0,
                "a task is a fn item or a closure that captures nothing"
            )
        };
        FunctionId {
            name: type_name::<F>(),
            is_initializer: false,
            key: |by_type| match by_type {
                true => hash(TypeId::of::<F>()),
                false => hash((type_name::<I>(), type_name::<O>())),
            },
        }
    }

    pub(crate) fn of_initializer<F: Fn(I) -> O + 'static, I, O>(f: &F) -> FunctionId {
        FunctionId {
            is_initializer: true,
            ..FunctionId::of(f)
        }
    }
}

/// The same in every process of a program, and in every program of one toolchain.
pub(crate) fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Takes one encoded argument, calls the function, appends the encoded result.
type Runner = Box<dyn Fn(&[u8], &mut Vec<u8>) -> Result<(), Failure> + Send + Sync>;

/// The functions that workers may run: made by [`worker_entry`].
#[must_use = "the program becomes a worker only when `enter` is called"]
#[derive(Default)]
pub struct WorkerEntry {
    /// Initializers are those with `true`.
    functions: BTreeMap<(bool, &'static str), (FunctionId, Runner)>,
}

/// What this process entered, once it has.
static ENTRY: OnceLock<WorkerEntry> = OnceLock::new();

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
        self,
        function: impl Fn(I) -> O + Send + Sync + 'static,
    ) -> WorkerEntry {
        self.insert(FunctionId::of(&function), function)
    }

    /// Names a function that may be a pool's [initializer](crate::Builder::initializer).
    ///
    /// # Panics
    /// As [`function`](WorkerEntry::function).
    pub fn initializer<A: DeserializeOwned, R: InitializerResult>(
        self,
        initializer: impl Fn(A) -> R + Send + Sync + 'static,
    ) -> WorkerEntry {
        let id = FunctionId::of_initializer(&initializer);
        self.insert(id, move |argument| initializer(argument).into_result())
    }

    fn insert<I: DeserializeOwned, O: Serialize>(
        mut self,
        id: FunctionId,
        function: impl Fn(I) -> O + Send + Sync + 'static,
    ) -> WorkerEntry {
        let run: Runner = Box::new(move |argument, results| {
            let argument = decode(argument).map_err(Value::Argument.refused_there())?;
            let result = Ok::<_, Failure>(function(argument));
            encode(results, &result).map_err(Value::Result.refused_there())
        });
        let other = self
            .functions
            .insert((id.is_initializer, id.name), (id, run));
        let same = other.is_none_or(|(other, _)| (other.key)(true) == (id.key)(true));
        assert!(same, "two functions have the name {}", id.name);
        self
    }

    /// In a worker: runs tasks, all of them on this thread, and never returns. In the
    /// parent: returns at once, and pools can be built from here on.
    ///
    /// A program that was started with a worker's mark but without a pool at the other end
    /// says so on standard error and exits with code 2.
    ///
    /// # Panics
    /// If this program has entered another list before.
    pub fn enter(self) {
        assert!(ENTRY.set(self).is_ok(), "a program has one worker entry");
        // Off Linux another file may take this one's place later.
        protocol::program_file();
        if let (Some(entry), Some(transport)) = (ENTRY.get(), guard::mark()) {
            worker::work(entry, transport)
        }
    }

    pub(crate) fn entered() -> Option<&'static WorkerEntry> {
        ENTRY.get()
    }

    pub(crate) fn has(&self, id: &FunctionId) -> bool {
        let known = self.functions.get(&(id.is_initializer, id.name));
        known.is_some_and(|(known, _)| (known.key)(true) == (id.key)(true))
    }

    /// A hash of all names.
    pub(crate) fn names(&self) -> u64 {
        hash(self.functions.keys().collect::<Vec<_>>())
    }

    fn find<'a>(&'a self, call: &'a Call, by_type: bool) -> Result<&'a Runner, Failure> {
        match self.functions.get(&(call.is_initializer, &*call.function)) {
            Some((id, run)) if (id.key)(by_type) == call.key => Ok(run),
            Some(_) if !by_type => Err(Failure::OtherTypes),
            _ => Err(Failure::NotRegistered),
        }
    }

    /// In a worker: calls a function once for each of so many arguments. Every call has its
    /// result, or its failure in the place of it.
    pub(crate) fn run(
        &self,
        call: &Call,
        by_type: bool,
        mut arguments: &[u8],
        results: &mut Vec<u8>,
    ) {
        let run = self.find(call, by_type);
        for _ in 0..call.calls {
            let start = results.len();
            let argument = next_item(&mut arguments);
            let done = contain(|| {
                let argument = argument.map_err(Value::Argument.refused_there())?;
                run.as_ref().map_err(Failure::clone)?(argument, results)?;
                frame::has_room(results).map_err(Value::Result.refused_there())
            });
            if let Err(failure) = done {
                results.truncate(start);
                // It can be encoded, and memory takes everything.
                let _ = encode(results, &Err::<(), _>(failure));
            }
        }
    }
}

impl fmt::Debug for WorkerEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WorkerEntry")
            .field(&self.functions.keys())
            .finish()
    }
}

/// What an initializer may return: nothing, or a [`Result`] whose error is shown when the
/// pool breaks for it.
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
