//! The function of a program, without its types.
//!
//! Generic code is compiled again in every program that uses it, together with all async code
//! that it awaits. Only this file is generic over the function's types. So the rest of the
//! queue is compiled once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use ciborium::Value;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use process_pool::{Builder, Error, Handle, ProcessPool};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::messages::{Answer, all_failed, decode, encode};

/// What workers do with a job: it turns the message with the arguments into the message with
/// the answers.
#[derive(Clone)]
pub(crate) struct Function {
    /// Its name at the server.
    pub(crate) name: Arc<str>,
    call: Arc<Call>,
    initialize: Option<Arc<Initialize>>,
}

/// Checks an argument before the function is called with it.
pub(crate) type Check<A> = fn(&A) -> Result<(), String>;

type Call = dyn Fn(&ProcessPool, &[u8], Orders) -> Answering + Send + Sync;
type Initialize = dyn Fn(Builder, &Value) -> Result<Builder, String> + Send + Sync;

/// Yields the answers, or why the process did not give them.
type Answering = BoxFuture<'static, Result<Vec<u8>, Error>>;

/// What ends a job early.
pub(crate) struct Orders {
    pub(crate) time_limit: Option<Duration>,
    /// Cancelled to kill the job.
    pub(crate) kill: CancellationToken,
}

impl Function {
    pub(crate) fn new<A, O, F>(
        name: String,
        function: F,
        check: Option<Check<A>>,
    ) -> Function
    where
        A: Serialize + DeserializeOwned + Send + 'static,
        O: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(A) -> O + Copy + Send + Sync + 'static,
    {
        let name: Arc<str> = name.into();
        let its_name = name.clone();
        let call = move |pool: &ProcessPool, job: &[u8], orders: Orders| {
            let mut arguments: Vec<A> = match decode(job) {
                Ok(arguments) => arguments,
                Err(error) => {
                    let why = format!("not an argument of {its_name}: {error}");
                    return ready(Ok(all_failed(why))).boxed();
                }
            };
            let refused =
                check.and_then(|check| arguments.iter().find_map(|a| check(a).err()));
            if let Some(problem) = refused {
                let why = format!("{its_name} refuses its argument: {problem}");
                return ready(Ok(all_failed(why))).boxed();
            }
            let mut options = pool.options();
            if let Some(limit) = orders.time_limit {
                options = options.time_limit(limit);
            }
            match (arguments.len(), arguments.pop()) {
                (1, Some(argument)) => {
                    let task = options.submit(function, argument);
                    let answer = |value| vec![Answer::Returned(value)];
                    finish(task, orders.kill, answer).boxed()
                }
                (_, last) => {
                    arguments.extend(last);
                    let task = options.submit(each(function), arguments);
                    finish(task, orders.kill, |answers| answers).boxed()
                }
            }
        };
        Function {
            name,
            call: Arc::new(call),
            initialize: None,
        }
    }

    /// Lets each process call `initializer` with the settings of the run before its first job.
    pub(crate) fn initializer<S, I>(&mut self, initializer: I)
    where
        S: Serialize + DeserializeOwned + 'static,
        I: Fn(S) + Copy + Send + Sync + 'static,
    {
        self.initialize = Some(Arc::new(move |pool: Builder, settings: &Value| {
            let settings: S =
                settings.deserialized().map_err(|error| error.to_string())?;
            Ok(pool.initializer(initializer, settings))
        }));
    }

    /// Sets the initializer of the pool, with the settings of a run.
    pub(crate) fn initialize(
        &self,
        pool: Builder,
        settings: &Value,
    ) -> Result<Builder, String> {
        match &self.initialize {
            Some(initialize) => initialize(pool, settings),
            None => Ok(pool),
        }
    }

    /// Lets a process of the `pool` do a job.
    pub(crate) fn call(
        &self,
        pool: &ProcessPool,
        job: &[u8],
        orders: Orders,
    ) -> Answering {
        (self.call)(pool, job, orders)
    }
}

/// The function that does a job of several arguments. If it panics for one of them, the others
/// are not affected.
pub(crate) fn each<A, O, F>(function: F) -> impl Fn(Vec<A>) -> Vec<Answer<O>> + Copy
where
    F: Fn(A) -> O + Copy + Send + Sync + 'static,
{
    move |arguments| {
        let call = |argument| match catch_unwind(AssertUnwindSafe(|| function(argument)))
        {
            Ok(value) => Answer::Returned(value),
            Err(panic) => {
                Answer::Failed(format!("the task panicked: {}", text_of(&*panic)))
            }
        };
        arguments.into_iter().map(call).collect()
    }
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (None, Some(text)) => text,
        (None, None) => "no text",
    }
}

/// Waits for a task, or kills it.
async fn finish<T, O>(
    mut task: Handle<T>,
    kill: CancellationToken,
    answers: fn(T) -> Vec<Answer<O>>,
) -> Result<Vec<u8>, Error>
where
    T: DeserializeOwned,
    O: Serialize,
{
    let result = tokio::select! {
        result = &mut task => result,
        () = kill.cancelled() => {
            task.kill();
            task.await
        }
    };
    let answers = answers(result?);
    Ok(encode(&answers).unwrap_or_else(all_failed))
}
