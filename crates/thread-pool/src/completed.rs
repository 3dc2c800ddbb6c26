//! Tasks in the order in which they finish.

use std::fmt;
use std::iter::FusedIterator;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::error::{Error, TimedOut};
use crate::handle::Handle;
use crate::timeout::{Timeout, Wait};

/// Goes through tasks as they finish (Python: `as_completed`).
///
/// The items are `(index, result)`, where `index` is the task's position in `handles`. Every
/// task comes exactly once, also if it failed or was cancelled. Stopping early cancels
/// nothing: go on later, or take the other handles back with
/// [`into_unfinished`](AsCompleted::into_unfinished).
pub fn as_completed<T>(handles: impl IntoIterator<Item = Handle<T>>) -> AsCompleted<T> {
    let (sender, finished) = channel();
    let handles: Vec<_> = handles.into_iter().collect();
    for (index, handle) in handles.iter().enumerate() {
        handle.watch(index, sender.clone());
    }
    AsCompleted {
        remaining: handles.len(),
        handles: handles.into_iter().map(Some).collect(),
        finished,
    }
}

/// The results of [`as_completed`], in the order in which the tasks finish.
#[must_use = "iterators are lazy"]
pub struct AsCompleted<T> {
    handles: Vec<Option<Handle<T>>>,
    finished: Receiver<usize>,
    remaining: usize,
}

impl<T> AsCompleted<T> {
    /// Sets one limit for all tasks together, counted from now.
    ///
    /// After the limit, the tasks that have finished still come; then [`TimedOut`] is the
    /// last item. The other tasks run on. [`Timeout::into_inner`] gives this iterator back.
    pub fn timeout(self, limit: Duration) -> Timeout<AsCompleted<T>> {
        Timeout::new(self, limit)
    }

    /// Gives back the handles of the tasks that have no result yet, each with its index.
    pub fn into_unfinished(self) -> impl Iterator<Item = (usize, Handle<T>)> {
        let handles = self.handles.into_iter().enumerate();
        handles.filter_map(|(index, handle)| Some((index, handle?)))
    }
}

impl<T> Wait for AsCompleted<T> {
    fn wait_next(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<(usize, Result<T, Error>), TimedOut>> {
        if self.remaining == 0 {
            return None;
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
        self.remaining -= 1;
        let handle = self.handles[index].take()?;
        Some(Ok((index, handle.join())))
    }
}

impl<T> Iterator for AsCompleted<T> {
    type Item = (usize, Result<T, Error>);

    fn next(&mut self) -> Option<Self::Item> {
        // Without a deadline there is no timeout.
        self.wait_next(None)?.ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

impl<T> ExactSizeIterator for AsCompleted<T> {}

impl<T> FusedIterator for AsCompleted<T> {}

impl<T> fmt::Debug for AsCompleted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted")
            .field("remaining", &self.remaining)
            .finish_non_exhaustive()
    }
}
