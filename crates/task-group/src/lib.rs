#![doc = include_str!("../README.md")]

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::{fmt, pin::pin, task::Context, task::Poll, task::Waker};

use futures_util::FutureExt;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// A handle that adds children to a group: clone it into children that add children.
pub struct TaskGroup<T, E>(Weak<Mutex<Members<T, E>>>, CancellationToken);

/// Owned by [`TaskGroup::run_until`] alone, so that dropping its future drops the sets.
struct Members<T, E> {
    /// Those to abort (the body is one) and those to tell by token: their places and values.
    #[allow(clippy::type_complexity)]
    sets: [JoinSet<Result<(usize, Option<T>), E>>; 2],
    /// The places of the next children; `None` when no more are taken. Under one lock with the
    /// sets, because a task that joins a set after `abort_all` runs on.
    places: Option<std::ops::RangeFrom<usize>>,
    /// Wakes `run` for the first task of a set: an empty `JoinSet` has no waker.
    waker: Waker,
}

impl<T: Send + 'static, E: Send + 'static> TaskGroup<T, E> {
    /// Runs `body`, waits until it and all children have ended, and returns the values in the
    /// order of the children, or all errors. An error or a panic cancels everybody; a panic goes
    /// on here, instead of errors, when all have ended. Dropping the future aborts everybody, but
    /// waits for nobody: there is no async drop.
    pub async fn run<F>(
        body: impl FnOnce(Arc<Self>) -> F,
    ) -> Result<Vec<T>, GroupError<E>>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        let ended = Self::run_until(&CancellationToken::new(), body).await;
        ended.map(|values| values.expect("nobody cancels that token"))
    }

    /// As [`run`](Self::run), until `outer` is cancelled: that cancels everybody too, and gives
    /// `None` when all have ended. A group inside a group takes its child's token.
    pub async fn run_until<F>(
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
            places: Some(0..),
            waker: Waker::noop().clone(),
        }));
        let group = Arc::new(Self(Arc::downgrade(&members), token.clone()));
        group.add(0, body(group.clone()).map(|ended| ended.map(|()| None)));
        let mut next = |cx: &mut Context<'_>| {
            let mut members = members.lock().unwrap_or_else(PoisonError::into_inner);
            let mut all_ended = Poll::Ready(None);
            for set in members.sets.iter_mut().filter(|set| !set.is_empty()) {
                all_ended = set.poll_join_next(cx);
                if all_ended.is_ready() {
                    return all_ended;
                }
            }
            if all_ended.is_ready() || cancelled.as_mut().poll(cx).is_ready() {
                members.places = None;
                members.sets[0].abort_all();
            }
            members.waker.clone_from(cx.waker());
            all_ended
        };
        let (mut values, mut others, mut panics) = (vec![], vec![], vec![]);
        while let Some(ended) = std::future::poll_fn(&mut next).await {
            match ended {
                Ok(Ok((place, value))) => values.extend(Some(place).zip(value)),
                Ok(Err(error)) => others.push(error),
                Err(ended) => panics.extend(ended.try_into_panic()),
            }
            if !others.is_empty() || !panics.is_empty() {
                token.cancel();
            }
        }
        if let Some(panic) = panics.into_iter().next() {
            std::panic::resume_unwind(panic);
        }
        if !others.is_empty() {
            let first = others.remove(0);
            return Err(GroupError { first, others });
        }
        values.sort_by_key(|(place, _)| *place);
        Ok((!outer.is_cancelled()).then(|| values.into_iter().map(|it| it.1).collect()))
    }

    /// Adds a child, to be aborted when the group is cancelled. When the group has ended or has
    /// aborted its children, this returns `None`, and the child never runs. A child added
    /// shortly before the abort is aborted too.
    pub fn spawn<F>(&self, child: F) -> Option<AbortHandle>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.add(0, child.map(|ended| ended.map(Some)))
    }

    /// Adds a child that is told by the token, not aborted, so that it can clean up with awaits.
    /// A group inside this one belongs in such a child: with another it would be dropped.
    pub fn spawn_with_token<F, C>(&self, child: C) -> Option<AbortHandle>
    where
        C: FnOnce(CancellationToken) -> F,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.add(1, child(self.1.child_token()).map(|ended| ended.map(Some)))
    }

    /// Cancels everybody, the body too, without an error: the group has what it wanted. It ends
    /// with the values that there are (Python 3.15: `TaskGroup.cancel()`).
    pub fn cancel(&self) {
        self.1.cancel();
    }

    fn add<F>(&self, set: usize, member: F) -> Option<AbortHandle>
    where
        F: Future<Output = Result<Option<T>, E>> + Send + 'static,
    {
        let members = self.0.upgrade()?;
        let members = &mut *members.lock().unwrap_or_else(PoisonError::into_inner);
        let place = members.places.as_mut()?.next()?;
        let set = &mut members.sets[set];
        set.is_empty().then(|| members.waker.wake_by_ref());
        let member = member.map(move |ended| ended.map(|value| (place, value)));
        Some(set.spawn(member))
    }
}

/// All errors of a group, as Python's `ExceptionGroup`: at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupError<E> {
    /// The error that came first, and cancelled everybody.
    pub first: E,
    /// The errors that came while everybody was ending.
    pub others: Vec<E>,
}

impl<E: fmt::Display> fmt::Display for GroupError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task group failed: {}", self.first)?;
        let mut others = self.others.iter();
        others.try_for_each(|other| write!(f, "; {other}"))
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for GroupError<E> {}
