//! Python's `asyncio.TaskGroup` for tokio. Most programs need no more than a `JoinSet` and
//! twelve lines, which wait for all children, or cancel the others after the first error:
//!
//! ```
//! # async fn all(mut set: tokio::task::JoinSet<Result<u8, u8>>) -> Result<Vec<u8>, u8> {
//! let mut values = Vec::new();
//! while let Some(ended) = set.join_next().await {
//!     match ended.expect("no child panics") {
//!         Ok(value) => values.push(value),
//!         Err(error) => {
//!             set.shutdown().await; // Returning at once would abort, but not wait.
//!             return Err(error);
//!         }
//!     }
//! }
//! Ok(values)
//! # }
//! ```
//! [`TaskGroup`] adds: values in order, every error, panics that wait for the others, children
//! that add children or clean up with awaits, and cancellation from outside.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::{fmt, future::poll_fn, panic::resume_unwind, pin::pin};

use futures_util::FutureExt;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// A handle that adds children to a group: clone it into children that add children.
pub struct TaskGroup<T, E>(Weak<Mutex<Members<T, E>>>, CancellationToken);

/// Owned by [`TaskGroup::run`] alone, so that dropping its future drops the sets.
struct Members<T, E> {
    /// The body and the children to abort, and the children to tell by token.
    sets: [JoinSet<Ended<T, E>>; 2],
    /// The place of the next child; `None` when no more are taken. Under one lock with the
    /// sets, because a task that joins a set after `abort_all` runs on.
    next_place: Option<usize>,
    /// Wakes `run` for the first task of a set: an empty `JoinSet` has no waker.
    waker: Option<Waker>,
}

/// The place and value of a child, nothing from the body, or an error.
type Ended<T, E> = Result<Option<(usize, T)>, E>;

impl<T: Send + 'static, E: Send + 'static> TaskGroup<T, E> {
    /// Runs `body`, waits until it and all children have ended, and returns the values in the
    /// order of the children, or all errors. An error, a panic or `outer` cancels everybody;
    /// `None` if it was `outer`. A panic goes on here when all have ended.
    ///
    /// Dropping the future aborts everybody, and waits for nobody: there is no async drop.
    pub async fn run<F>(
        outer: &CancellationToken,
        body: impl FnOnce(Arc<Self>) -> F,
    ) -> Result<Option<Vec<T>>, GroupError<E>>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        let token = outer.child_token();
        let mut cancelled = pin!(token.cancelled().fuse());
        let members = Arc::new(Mutex::new(Members {
            sets: Default::default(),
            next_place: Some(0),
            waker: None,
        }));
        let lock = || members.lock().unwrap_or_else(PoisonError::into_inner);
        let body = body(Arc::new(Self(Arc::downgrade(&members), token.clone())));
        lock().sets[0].spawn(body.map(|ended| ended.map(|()| None)));
        let mut next = |cx: &mut Context<'_>| {
            let mut members = lock();
            let mut all_ended = Poll::Ready(None);
            for set in &mut members.sets {
                match set.poll_join_next(cx) {
                    Poll::Ready(None) => (),
                    Poll::Pending => all_ended = Poll::Pending,
                    ended => return ended,
                }
            }
            if all_ended.is_ready() || cancelled.as_mut().poll(cx).is_ready() {
                members.next_place = None;
                members.sets[0].abort_all();
            }
            members.waker = Some(cx.waker().clone());
            all_ended
        };
        let (mut values, mut others, mut panics) = (vec![], vec![], vec![]);
        while let Some(ended) = poll_fn(&mut next).await {
            match ended {
                Ok(Ok(value)) => values.extend(value),
                Ok(Err(error)) => others.push(error),
                Err(ended) => panics.extend(ended.try_into_panic()),
            }
            if !others.is_empty() || !panics.is_empty() {
                token.cancel();
            }
        }
        if let Some(panic) = panics.into_iter().next() {
            resume_unwind(panic);
        }
        if !others.is_empty() {
            let first = others.remove(0);
            return Err(GroupError { first, others });
        }
        values.sort_by_key(|(place, _)| *place);
        let values = values.into_iter().map(|(_, value)| value);
        Ok((!token.is_cancelled()).then(|| values.collect()))
    }

    /// Adds a child, to be aborted when the group is cancelled. `None`, and the child never
    /// runs, if the group is cancelled or has ended.
    pub fn spawn<F>(&self, child: F) -> Option<AbortHandle>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.add(0, child)
    }

    /// Adds a child that is told by the token instead: one that cleans up with awaits, or runs
    /// a group inside this one.
    pub fn spawn_with_token<F, C>(&self, child: C) -> Option<AbortHandle>
    where
        C: FnOnce(CancellationToken) -> F,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.add(1, child(self.1.child_token()))
    }

    fn add<F>(&self, set: usize, child: F) -> Option<AbortHandle>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let members = self.0.upgrade()?;
        let mut members = members.lock().unwrap_or_else(PoisonError::into_inner);
        let place = members.next_place?;
        members.next_place = Some(place + 1);
        members.waker.take().inspect(Waker::wake_by_ref);
        let child = child.map(move |ended| ended.map(|value| Some((place, value))));
        Some(members.sets[set].spawn(child))
    }
}

/// All errors of a group, as Python's `ExceptionGroup`: at least one.
#[derive(Debug)]
pub struct GroupError<E> {
    /// The error that came first, and cancelled everybody.
    pub first: E,
    /// The errors that came while everybody was ending.
    pub others: Vec<E>,
}

impl<E: fmt::Display> fmt::Display for GroupError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task group failed: {}", self.first)?;
        self.others
            .iter()
            .try_for_each(|other| write!(f, "; {other}"))
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for GroupError<E> {}
