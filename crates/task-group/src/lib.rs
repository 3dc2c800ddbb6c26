#![doc = include_str!("../README.md")]

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::iter::once;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// A handle that adds children to a group: clone it into children that add children.
pub struct TaskGroup<T, E> {
    members: Weak<Mutex<Members<T, E>>>,
    /// Cancelled when the group is.
    token: CancellationToken,
    /// The runtime of the group, on which all members run.
    runtime: Handle,
}

/// The tasks of a group. Owned by [`TaskGroup::run_until`] alone, so that dropping its future
/// aborts them.
struct Members<T, E> {
    /// The body, and the children that are aborted if the group is cancelled.
    aborted: JoinSet<Ended<T, E>>,
    /// The children that are not aborted: their token is cancelled.
    with_token: JoinSet<Ended<T, E>>,
    /// How many members there have been.
    count: usize,
    /// The group takes no more members: it has ended or was cancelled. It is under the same
    /// lock as the sets, because a task that joins a set after `abort_all` would run on.
    closed: bool,
    /// Wakes the group when the first task joins a set: an empty `JoinSet` keeps no waker.
    waker: Waker,
}

/// The result of a member: a child's number and value, and `None` for the body.
type Ended<T, E> = Result<Option<(usize, T)>, E>;

/// How a member is stopped when the group is cancelled.
#[derive(Clone, Copy)]
enum StoppedBy {
    Abort,
    Token,
}

impl<T: Send + 'static, E: Send + 'static> TaskGroup<T, E> {
    /// Runs `body`, waits until it and all children have ended, and returns the values in the
    /// order of the children, or all errors.
    ///
    /// An error or a panic cancels all others, also the body. When all have ended, a panic is
    /// resumed here, and the errors are lost. Dropping the future aborts all members but does
    /// not wait for them, because Rust has no async drop.
    pub async fn run<F>(
        body: impl FnOnce(Arc<Self>) -> F,
    ) -> Result<Vec<T>, GroupError<E>>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        let ended = Self::run_until(&CancellationToken::new(), body).await;
        ended.map(|values| values.expect("nothing cancels that token"))
    }

    /// As [`run`](Self::run), but cancelling `outer` cancels the group, too.
    ///
    /// If it does, the result is the errors if there are any, and otherwise `None`; the
    /// values are lost. For a group inside a group, pass the token of the child that it is
    /// in.
    pub async fn run_until<F>(
        outer: &CancellationToken,
        body: impl FnOnce(Arc<Self>) -> F,
    ) -> Result<Option<Vec<T>>, GroupError<E>>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        let token = outer.child_token();
        let members = Arc::new(Mutex::new(Members::new()));
        let group = Arc::new(TaskGroup {
            members: Arc::downgrade(&members),
            token: token.clone(),
            runtime: Handle::current(),
        });
        let body = body(Arc::clone(&group));
        group.add(StoppedBy::Abort, |_| body.map(|ended| ended.map(|()| None)));

        let mut cancelled = pin!(token.cancelled());
        let mut next_ended = |context: &mut Context<'_>| {
            let mut members = lock(&members);
            let ended = members.poll_next_ended(context);
            if !members.closed
                && ended.is_pending()
                && cancelled.as_mut().poll(context).is_ready()
            {
                members.closed = true;
                members.aborted.abort_all(); // Aborted tasks wake the group when they end.
            }
            ended
        };
        let mut values = Vec::new();
        let mut errors = Vec::new();
        let mut panic = None;
        while let Some(ended) = poll_fn(&mut next_ended).await {
            match ended {
                Ok(Ok(value)) => values.extend(value),
                Ok(Err(error)) => {
                    errors.push(error);
                    token.cancel();
                }
                Err(ended) if ended.is_panic() => {
                    keep_first(&mut panic, ended.into_panic());
                    token.cancel();
                }
                Err(_aborted) => {}
            }
        }

        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        if !errors.is_empty() {
            let first = errors.remove(0);
            let others = errors;
            return Err(GroupError { first, others });
        }
        if outer.is_cancelled() {
            return Ok(None);
        }
        values.sort_by_key(|(number, _)| *number);
        Ok(Some(values.into_iter().map(|(_, value)| value).collect()))
    }

    /// Adds a child, which is aborted if the group is cancelled.
    ///
    /// Returns `None` if the group has ended or was cancelled: then the child never runs.
    pub fn spawn<F>(&self, child: F) -> Option<AbortHandle>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.add_child(StoppedBy::Abort, child)
    }

    /// Adds a child that is not aborted if the group is cancelled. Its token is cancelled
    /// instead, so that it can clean up with `.await`.
    ///
    /// Use this for a child that contains a group: an abort would drop that group without
    /// waiting for its children. `child` is called in the new task. As with
    /// [`spawn`](Self::spawn), `None` means that it never runs.
    pub fn spawn_with_token<F, C>(&self, child: C) -> Option<AbortHandle>
    where
        C: FnOnce(CancellationToken) -> F + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let token = self.token.child_token();
        self.add_child(StoppedBy::Token, async { child(token).await })
    }

    /// Cancels the children and the body without an error, for example after a first success.
    /// The group ends with the values that there are (Python 3.15: `TaskGroup.cancel()`).
    pub fn cancel(&self) {
        self.token.cancel();
    }

    fn add_child<F>(&self, stopped_by: StoppedBy, child: F) -> Option<AbortHandle>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.add(stopped_by, |number| {
            child.map(move |ended| ended.map(|value| Some((number, value))))
        })
    }

    /// Adds the member that `member` makes from its number. `None` if the group takes no more
    /// members.
    fn add<F>(
        &self,
        stopped_by: StoppedBy,
        member: impl FnOnce(usize) -> F,
    ) -> Option<AbortHandle>
    where
        F: Future<Output = Ended<T, E>> + Send + 'static,
    {
        let members = self.members.upgrade()?;
        let mut members = lock(&members);
        if members.closed || self.token.is_cancelled() {
            return None;
        }
        let member = member(members.count);
        members.count += 1;
        if members.set(stopped_by).is_empty() {
            members.waker.wake_by_ref();
        }
        Some(members.set(stopped_by).spawn_on(member, &self.runtime))
    }
}

impl<T: Send + 'static, E: Send + 'static> Members<T, E> {
    fn new() -> Members<T, E> {
        Members {
            aborted: JoinSet::new(),
            with_token: JoinSet::new(),
            count: 0,
            closed: false,
            waker: Waker::noop().clone(),
        }
    }

    fn set(&mut self, stopped_by: StoppedBy) -> &mut JoinSet<Ended<T, E>> {
        match stopped_by {
            StoppedBy::Abort => &mut self.aborted,
            StoppedBy::Token => &mut self.with_token,
        }
    }

    /// The next member that has ended. `None` if no member is left: then the group has ended.
    fn poll_next_ended(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Ended<T, E>, JoinError>>> {
        let mut all_ended = true;
        for set in [&mut self.aborted, &mut self.with_token] {
            match set.poll_join_next(context) {
                Poll::Ready(Some(ended)) => return Poll::Ready(Some(ended)),
                Poll::Ready(None) => {}
                Poll::Pending => all_ended = false,
            }
        }
        if all_ended {
            self.closed = true;
            return Poll::Ready(None);
        }
        self.waker.clone_from(context.waker());
        Poll::Pending
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps the first panic. The payloads of the others are never dropped: a destructor that
/// panics during another panic aborts the program.
fn keep_first(first: &mut Option<Box<dyn Any + Send>>, panic: Box<dyn Any + Send>) {
    match first {
        None => *first = Some(panic),
        Some(_) => std::mem::forget(panic),
    }
}

/// All errors of a group, at least one (Python: `ExceptionGroup`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupError<E> {
    /// The error that came first, and cancelled the group.
    pub first: E,
    /// The errors that came after it, while the others were ending.
    pub others: Vec<E>,
}

impl<E> GroupError<E> {
    /// All errors, in the order in which the group saw them (Python: `exceptions`).
    pub fn errors(&self) -> impl Iterator<Item = &E> {
        once(&self.first).chain(&self.others)
    }
}

impl<E: fmt::Display> fmt::Display for GroupError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task group failed: {}", self.first)?;
        for other in &self.others {
            write!(f, "; {other}")?;
        }
        Ok(())
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for GroupError<E> {}
