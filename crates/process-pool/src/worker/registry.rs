//! The functions that workers may run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::panics::contain;
use crate::error::Value;
use crate::wire::frame;
use crate::wire::function::{Build, FunctionId, hash};
use crate::wire::message::{Failure, TaskHeader, push_failure, push_value};
use crate::wire::value::{decode, next_item};

/// Takes one encoded argument, calls the function, appends the encoded result.
type Runner = Box<dyn Fn(&[u8], &mut Vec<u8>) -> Result<(), Failure> + Send + Sync>;

#[derive(Default)]
pub(crate) struct Registry {
    /// The key: whether it is an initializer, and its name.
    functions: BTreeMap<(bool, &'static str), (FunctionId, Runner)>,
}

/// The registry of this process, set when it enters its worker entry.
static ENTERED: OnceLock<Registry> = OnceLock::new();

impl Registry {
    /// Adds a function.
    ///
    /// # Panics
    /// If another one has the same name.
    pub(crate) fn insert<I: DeserializeOwned, O: Serialize>(
        &mut self,
        id: FunctionId,
        function: impl Fn(I) -> O + Send + Sync + 'static,
    ) {
        let run: Runner = Box::new(move |argument, results| {
            let argument = decode(argument).map_err(invalid(Value::Argument))?;
            let value = function(argument);
            push_value(results, &value).map_err(invalid(Value::Result))
        });
        let key = (id.is_initializer, id.name);
        let other = self.functions.insert(key, (id, run));
        let same =
            other.is_none_or(|(other, _)| other.key(Build::Same) == id.key(Build::Same));
        assert!(same, "two functions have the name {}", id.name);
    }

    /// Makes this the registry of the process.
    ///
    /// # Panics
    /// If the process has one already.
    pub(crate) fn enter(self) -> &'static Registry {
        assert!(ENTERED.set(self).is_ok(), "a program has one worker entry");
        ENTERED.get().expect("it has just been set")
    }

    pub(crate) fn entered() -> Option<&'static Registry> {
        ENTERED.get()
    }

    pub(crate) fn has(&self, id: &FunctionId) -> bool {
        let known = self.functions.get(&(id.is_initializer, id.name));
        known.is_some_and(|(known, _)| known.key(Build::Same) == id.key(Build::Same))
    }

    /// A hash of all names.
    pub(crate) fn names(&self) -> u64 {
        hash(self.functions.keys().collect::<Vec<_>>())
    }

    fn find<'a>(
        &'a self,
        task: &'a TaskHeader,
        build: Build,
    ) -> Result<&'a Runner, Failure> {
        match self.functions.get(&(task.is_initializer, &*task.function)) {
            Some((id, run)) if id.key(build) == task.key => Ok(run),
            Some(_) if build == Build::Other => Err(Failure::OtherTypes),
            _ => Err(Failure::NotRegistered),
        }
    }

    /// Runs a task: calls its function once for each argument. Every call appends its
    /// result or its failure.
    pub(crate) fn run(
        &self,
        task: &TaskHeader,
        build: Build,
        mut arguments: &[u8],
        results: &mut Vec<u8>,
    ) {
        let run = self.find(task, build);
        for _ in 0..task.arguments {
            let start = results.len();
            let argument = next_item(&mut arguments);
            let done = contain(|| {
                let argument = argument.map_err(invalid(Value::Argument))?;
                run.as_ref().map_err(Failure::clone)?(argument, results)?;
                frame::has_room(results).map_err(invalid(Value::Result))
            });
            if let Err(failure) = done {
                results.truncate(start);
                push_failure(results, &failure);
            }
        }
    }
}

/// The failure for a value that serde cannot encode or decode.
fn invalid(value: Value) -> impl Fn(String) -> Failure {
    move |message| Failure::Serialize(value, message)
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registry")
            .field(&self.functions.keys())
            .finish()
    }
}
