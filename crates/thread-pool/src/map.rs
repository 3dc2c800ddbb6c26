//! The results of many calls of one function, in the order of their items.

use std::collections::VecDeque;
use std::fmt;
use std::iter::{Fuse, FusedIterator};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, TimedOut};
use crate::handle::Handle;
use crate::shared::Shared;
use crate::timeout::{Timeout, Wait};

/// The results of [`ThreadPool::map`](crate::ThreadPool::map), in the order of the input.
///
/// A failure is one item and does not end the iteration. Dropping this cancels the tasks that
/// have not started, so `let _ = pool.map(..)` may run nothing. Tasks that have started run
/// to their end.
#[must_use = "dropping this cancels what has not started"]
pub struct Map<T: 'static> {
    handles: VecDeque<Handle<T>>,
    taken: usize,
}

impl<T: 'static> Map<T> {
    pub(crate) fn new(handles: VecDeque<Handle<T>>) -> Map<T> {
        Map { handles, taken: 0 }
    }

    pub(crate) fn push(&mut self, handle: Handle<T>) {
        self.handles.push_back(handle);
    }

    /// Cancels what has not started.
    fn cancel(&self) {
        for handle in &self.handles {
            handle.cancel();
        }
    }

    /// Sets one limit for all results together, counted from now (Python: `timeout`).
    ///
    /// After the limit, [`TimedOut`] is the last item, and tasks that have not started are
    /// cancelled.
    pub fn timeout(self, limit: Duration) -> Timeout<Map<T>> {
        Timeout::new(self, limit)
    }
}

impl<T: 'static> Drop for Map<T> {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl<T: 'static> Wait for Map<T> {
    fn wait_next(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<Result<T, Error>, TimedOut>> {
        let Some(result) = self.handles.front()?.wait(deadline) else {
            self.cancel();
            return Some(Err(TimedOut {
                unfinished: self.handles.len(),
                of: self.taken + self.handles.len(),
            }));
        };
        self.handles.pop_front();
        self.taken += 1;
        Some(Ok(result))
    }
}

impl<T: 'static> Iterator for Map<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // Without a deadline there is no timeout.
        self.wait_next(None)?.ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.handles.len(), Some(self.handles.len()))
    }
}

impl<T: 'static> ExactSizeIterator for Map<T> {}

impl<T: 'static> FusedIterator for Map<T> {}

impl<T: 'static> fmt::Debug for Map<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("remaining", &self.handles.len())
            .finish_non_exhaustive()
    }
}

/// The results of [`ThreadPool::map_bounded`](crate::ThreadPool::map_bounded). Works like
/// [`Map`], but draws and submits items as results are taken.
#[must_use = "dropping this cancels what has not started"]
pub struct BoundedMap<T: 'static, F, I: Iterator> {
    submitted: Map<T>,
    shared: Arc<Shared>,
    function: Arc<F>,
    items: Fuse<I>,
    /// All items have been drawn.
    exhausted: bool,
    buffer: usize,
}

impl<T, F, I> BoundedMap<T, F, I>
where
    T: Send + 'static,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    I: Iterator<Item: Send + 'static>,
{
    /// Submits the first items, until the buffer is full.
    pub(crate) fn new(
        shared: Arc<Shared>,
        function: F,
        items: I,
        buffer: NonZeroUsize,
    ) -> BoundedMap<T, F, I> {
        let mut map = BoundedMap {
            submitted: Map::new(VecDeque::new()),
            shared,
            function: Arc::new(function),
            items: items.fuse(),
            exhausted: false,
            buffer: buffer.get(),
        };
        map.submit();
        map
    }

    fn submit(&mut self) {
        while self.submitted.len() < self.buffer {
            let Some(item) = self.items.next() else {
                self.exhausted = true;
                return;
            };
            let function = Arc::clone(&self.function);
            let handle = self.shared.submit(move || function(item));
            self.submitted.push(handle);
        }
    }

    /// As [`Map::timeout`].
    pub fn timeout(self, limit: Duration) -> Timeout<BoundedMap<T, F, I>> {
        Timeout::new(self, limit)
    }
}

impl<T, F, I> Wait for BoundedMap<T, F, I>
where
    T: Send + 'static,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    I: Iterator<Item: Send + 'static>,
{
    fn wait_next(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<Result<T, Error>, TimedOut>> {
        let in_time = deadline.is_none_or(|deadline| Instant::now() < deadline);
        if in_time {
            self.submit();
        }
        let next = self.submitted.wait_next(deadline);
        if next.is_none() && !self.exhausted {
            // No item is drawn after the deadline.
            return Some(Err(TimedOut {
                unfinished: 0,
                of: self.submitted.taken,
            }));
        }
        next
    }
}

impl<T, F, I> Iterator for BoundedMap<T, F, I>
where
    T: Send + 'static,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    I: Iterator<Item: Send + 'static>,
{
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.submit();
        self.submitted.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.items.size_hint();
        let submitted = self.submitted.len();
        (
            least.saturating_add(submitted),
            most.and_then(|most| most.checked_add(submitted)),
        )
    }
}

impl<T, F, I> FusedIterator for BoundedMap<T, F, I>
where
    T: Send + 'static,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    I: Iterator<Item: Send + 'static>,
{
}

impl<T, F, I: Iterator> fmt::Debug for BoundedMap<T, F, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedMap")
            .field("submitted", &self.submitted.handles.len())
            .finish_non_exhaustive()
    }
}
