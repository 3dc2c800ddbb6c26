//! The function of a program, without its types. Whatever is generic is compiled anew in every
//! program that uses it, and so is all async code that it waits for: with the types ending
//! here, each page compiles this file, and the client of the queue is compiled once.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use process_pool::{Error, ProcessPool};

use crate::messages::{self, Argument, Outcome};

/// What workers do with a job: from the message with its argument to the one with its answer.
#[derive(Clone)]
pub(crate) struct Function {
    /// The name by which it is known elsewhere.
    pub(crate) name: &'static str,
    call: Arc<Call>,
}

type Call = dyn Fn(&ProcessPool, &[u8]) -> Answering + Send + Sync;

/// Ends with the answer; or with what has befallen the process that was to give one.
type Answering = BoxFuture<'static, Result<Vec<u8>, Error>>;

impl Function {
    pub(crate) fn new<A, O, F>(function: F) -> Function
    where
        A: Argument,
        O: Outcome,
        F: Fn(A) -> O + Copy + Send + Sync + 'static,
    {
        let name = messages::name_of(&function);
        let call = move |pool: &ProcessPool, argument: &[u8]| {
            let argument = match serde_json::from_slice(argument) {
                Ok(argument) => argument,
                Err(error) => {
                    let why = format!("not an argument of {name}: {error}");
                    return ready(Ok(messages::failed(&why))).boxed();
                }
            };
            let task = pool.submit(function, argument);
            let answer = async { Ok(messages::answer(task.await?)) };
            answer.boxed()
        };
        Function {
            name,
            call: Arc::new(call),
        }
    }

    /// Has it called in a process of the `pool`.
    pub(crate) fn call(&self, pool: &ProcessPool, argument: &[u8]) -> Answering {
        (self.call)(pool, argument)
    }
}
