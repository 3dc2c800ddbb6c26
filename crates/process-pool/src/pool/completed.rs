//! Tasks in the order in which they finish.

use std::fmt;
use std::iter::FusedIterator;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use super::handle::Handle;
use super::timeout::{Timeout, Wait};
use crate::error::{Error, TimedOut};

/// Goes through tasks as they finish (Python: `as_completed`).
///
/// The items are `(index, result)`, where `index` is the task's position in `handles`.
/// Every task comes exactly once, also if it failed or was cancelled. Stopping early
/// cancels nothing: go on later, or take the other handles back with
/// [`into_unfinished`](AsCompleted::into_unfinished).
pub fn as_completed<O: DeserializeOwned>(
    handles: impl IntoIterator<Item = Handle<O>>,
) -> AsCompleted<O> {
    let (sender, finished) = channel();
    let handles: Vec<_> = handles.into_iter().collect();
    for (index, handle) in handles.iter().enumerate() {
        if handle.check_owner().is_err() {
            break; // In a forked process `take_forked` yields the tasks.
        }
        let sender = sender.clone();
        // The send fails only if the iterator has been dropped.
        handle.task.on_finished(move || _ = sender.send(index));
    }
    AsCompleted {
        remaining: handles.len(),
        handles: handles.into_iter().map(Some).collect(),
        finished,
    }
}

/// The tasks of [`as_completed`], in the order in which they finish.
#[must_use = "iterators are lazy"]
pub struct AsCompleted<O> {
    handles: Vec<Option<Handle<O>>>,
    finished: Receiver<usize>,
    remaining: usize,
}

impl<O> AsCompleted<O> {
    /// Sets one limit for all tasks together, counted from now. After the limit, the tasks
    /// that have finished still come; then [`TimedOut`] is the last item. The other tasks
    /// run on. [`Timeout::into_inner`] gives this iterator back.
    pub fn timeout(self, limit: Duration) -> Timeout<AsCompleted<O>> {
        Timeout::new(self, limit)
    }

    /// Gives back the handles of the tasks that have no result yet, each with its index.
    pub fn into_unfinished(self) -> impl Iterator<Item = (usize, Handle<O>)> {
        let handles = self.handles.into_iter().enumerate();
        handles.filter_map(|(index, handle)| Some((index, handle?)))
    }
}

impl<O> AsCompleted<O> {
    /// In a process that was forked from the pool's, takes the next task, with
    /// [`Error::Forked`]. No task would finish there.
    fn take_forked(&mut self) -> Option<(usize, Result<O, Error>)> {
        let mut handles = self.handles.iter_mut().enumerate();
        let (index, handle) = handles.find(|(_, handle)| handle.is_some())?;
        let error = handle.as_ref()?.check_owner().err()?;
        *handle = None;
        Some((index, Err(error)))
    }
}

impl<O: DeserializeOwned> Wait for AsCompleted<O> {
    fn wait_next(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<(usize, Result<O, Error>), TimedOut>> {
        let remaining = self.remaining.checked_sub(1)?;
        if let Some(forked) = self.take_forked() {
            self.remaining = remaining;
            return Some(Ok(forked));
        }
        let left = deadline.map_or(Duration::MAX, |deadline| {
            deadline.saturating_duration_since(Instant::now())
        });
        let Ok(index) = self.finished.recv_timeout(left) else {
            return Some(Err(TimedOut {
                unfinished: self.remaining,
                of: self.handles.len(),
            }));
        };
        self.remaining = remaining;
        let handle = self.handles[index].take()?;
        Some(Ok((index, handle.join())))
    }
}

impl<O: DeserializeOwned> Iterator for AsCompleted<O> {
    type Item = (usize, Result<O, Error>);

    fn next(&mut self) -> Option<Self::Item> {
        // Without a deadline there is no timeout.
        self.wait_next(None)?.ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

impl<O: DeserializeOwned> ExactSizeIterator for AsCompleted<O> {}

impl<O: DeserializeOwned> FusedIterator for AsCompleted<O> {}

impl<O> fmt::Debug for AsCompleted<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted")
            .field("remaining", &self.remaining)
            .finish_non_exhaustive()
    }
}
