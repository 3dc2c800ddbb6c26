//! The results of many calls of one function, in the order of their items.

use std::collections::VecDeque;
use std::fmt;
use std::iter::{Fuse, FusedIterator};
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::decode::next_item;
use crate::entry::FunctionId;
use crate::error::{Error, TimedOut};
use crate::scheduler::Scheduler;
use crate::task::{Job, Outcome, Task};
use crate::timeout::{Timeout, Wait};

/// Packs items into jobs of so many. An item that cannot be sent is a job of its own, which
/// has failed.
pub(crate) struct Chunks<I: Iterator> {
    pub(crate) items: Fuse<I>,
    pub(crate) function: FunctionId,
    pub(crate) size: NonZeroUsize,
    pub(crate) time_limit: Option<Duration>,
    /// Why the function cannot be run at all.
    pub(crate) unknown: Option<Error>,
    /// Why the item that was drawn last cannot be sent.
    pub(crate) refused: Option<Error>,
}

impl<I: Iterator<Item: Serialize>> Iterator for Chunks<I> {
    type Item = Result<Job, Error>;

    fn next(&mut self) -> Option<Result<Job, Error>> {
        let size = u32::try_from(self.size.get()).unwrap_or(u32::MAX);
        let mut job = Job::new(self.function, self.time_limit);
        while self.refused.is_none() && job.calls < size {
            let Some(item) = self.items.next() else { break };
            self.refused = match &self.unknown {
                Some(error) => Some(error.clone()),
                None => job.push(&item).err(),
            };
        }
        if job.calls > 0 {
            return Some(Ok(job));
        }
        self.refused.take().map(Err)
    }
}

/// A job of some items, submitted.
struct Chunk {
    task: Arc<Task>,
    /// How many results have not been read.
    left: usize,
    /// Once it has finished.
    outcome: Option<Outcome>,
    /// How many bytes of the outcome have been read.
    read: usize,
}

impl Chunk {
    fn next<O: DeserializeOwned>(&mut self) -> Result<O, Error> {
        match &self.outcome {
            Some(Ok(bytes)) => {
                let mut rest = &bytes[self.read..];
                let item = next_item(&mut rest);
                // Whatever becomes of this one, the next call has the next one.
                self.read = bytes.len() - rest.len();
                self.task.decode(item)
            }
            Some(Err(error)) => Err(error.clone()),
            None => Err(Error::Cancelled),
        }
    }
}

/// What has been submitted of a map, and what has not been read of it.
struct Results<O> {
    scheduler: Arc<Scheduler>,
    chunks: VecDeque<Chunk>,
    /// How many results have not been read, of how many.
    remaining: usize,
    total: usize,
    output: PhantomData<fn() -> O>,
}

impl<O> Results<O> {
    fn new(scheduler: Arc<Scheduler>) -> Results<O> {
        Results {
            scheduler,
            chunks: VecDeque::new(),
            remaining: 0,
            total: 0,
            output: PhantomData,
        }
    }

    fn submit(&mut self, function: FunctionId, job: Result<Job, Error>) {
        let left = job.as_ref().map_or(1, |job| job.calls as usize);
        let task = job.and_then(|job| self.scheduler.submit(job));
        let failed = |error| Arc::new(Task::failed(function.name, error));
        self.chunks.push_back(Chunk {
            task: task.unwrap_or_else(failed),
            left,
            outcome: None,
            read: 0,
        });
        self.remaining += left;
        self.total += left;
    }

    /// Cancels what has not started.
    fn cancel(&mut self) {
        for chunk in self.chunks.iter().filter(|chunk| chunk.outcome.is_none()) {
            self.scheduler.cancel(&chunk.task);
        }
    }
}

impl<O: DeserializeOwned> Results<O> {
    fn next(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<Result<O, Error>, TimedOut>> {
        let first = self.chunks.front_mut()?;
        if first.outcome.is_none() {
            first.outcome = first.task.wait(deadline);
        }
        if first.outcome.is_none() {
            self.cancel();
            return Some(Err(TimedOut {
                unfinished: self.remaining,
                of: self.total,
            }));
        }
        self.remaining -= 1;
        first.left -= 1;
        if first.left > 0 {
            return Some(Ok(first.next()));
        }
        // Its memory is not needed beyond this.
        self.chunks.pop_front().map(|mut last| Ok(last.next()))
    }
}

impl<O> Drop for Results<O> {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// The results of [`ProcessPool::map`](crate::ProcessPool::map), in the order of the input.
///
/// A failure is one item and does not end the iteration. Dropping this cancels what has not
/// started, so `let _ = pool.map(..)` may run nothing; what has started runs to its end.
#[must_use = "dropping this cancels what has not started"]
pub struct Map<O>(Results<O>);

impl<O> Map<O> {
    pub(crate) fn new<I>(scheduler: Arc<Scheduler>, chunks: Chunks<I>) -> Map<O>
    where
        I: Iterator<Item: Serialize>,
    {
        let mut results = Results::new(scheduler);
        let function = chunks.function;
        for job in chunks {
            results.submit(function, job);
        }
        Map(results)
    }

    /// Sets one limit for all results together, counted from now (Python: `timeout`). When
    /// it is over, the next item is [`TimedOut`] and the last; what has not started is
    /// cancelled.
    pub fn timeout(self, limit: Duration) -> Timeout<Map<O>> {
        Timeout::new(self, limit)
    }
}

impl<O: DeserializeOwned> Wait for Map<O> {
    fn next_until(&mut self, deadline: Instant) -> Option<Result<Self::Item, TimedOut>> {
        self.0.next(Some(deadline))
    }
}

impl<O: DeserializeOwned> Iterator for Map<O> {
    type Item = Result<O, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // Without a limit no wait is in vain.
        self.0.next(None)?.ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.remaining, Some(self.0.remaining))
    }
}

impl<O: DeserializeOwned> ExactSizeIterator for Map<O> {}

impl<O: DeserializeOwned> FusedIterator for Map<O> {}

impl<O> fmt::Debug for Map<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("remaining", &self.0.remaining)
            .finish_non_exhaustive()
    }
}

/// The results of [`ProcessPool::map_bounded`](crate::ProcessPool::map_bounded), in the
/// order of the input. It draws items from the input as its own are taken, and is otherwise
/// a [`Map`].
#[must_use = "iterators are lazy beyond their buffer"]
pub struct BoundedMap<I: Iterator, O> {
    results: Results<O>,
    chunks: Chunks<I>,
    buffer: usize,
}

impl<I: Iterator<Item: Serialize>, O> BoundedMap<I, O> {
    pub(crate) fn new(
        scheduler: Arc<Scheduler>,
        mut chunks: Chunks<I>,
        buffer: NonZeroUsize,
    ) -> BoundedMap<I, O> {
        chunks.size = chunks.size.min(buffer);
        let mut this = BoundedMap {
            results: Results::new(scheduler),
            chunks,
            buffer: buffer.get(),
        };
        this.draw();
        this
    }

    /// Fills the buffer.
    fn draw(&mut self) {
        while self.results.remaining + self.chunks.size.get() <= self.buffer {
            let Some(job) = self.chunks.next() else {
                return;
            };
            self.results.submit(self.chunks.function, job);
        }
    }

    /// As [`Map::timeout`].
    pub fn timeout(self, limit: Duration) -> Timeout<BoundedMap<I, O>> {
        Timeout::new(self, limit)
    }
}

impl<I, O> BoundedMap<I, O>
where
    I: Iterator<Item: Serialize>,
    O: DeserializeOwned,
{
    fn next_item(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<Result<O, Error>, TimedOut>> {
        self.draw();
        self.results.next(deadline)
    }
}

impl<I, O> Wait for BoundedMap<I, O>
where
    I: Iterator<Item: Serialize>,
    O: DeserializeOwned,
{
    fn next_until(&mut self, deadline: Instant) -> Option<Result<Self::Item, TimedOut>> {
        self.next_item(Some(deadline))
    }
}

impl<I, O> Iterator for BoundedMap<I, O>
where
    I: Iterator<Item: Serialize>,
    O: DeserializeOwned,
{
    type Item = Result<O, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_item(None)?.ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let drawn = self.results.remaining + usize::from(self.chunks.refused.is_some());
        let (least, most) = self.chunks.items.size_hint();
        let most = most.and_then(|most| most.checked_add(drawn));
        (least.saturating_add(drawn), most)
    }
}

impl<I, O> FusedIterator for BoundedMap<I, O>
where
    I: Iterator<Item: Serialize>,
    O: DeserializeOwned,
{
}

impl<I: Iterator, O> fmt::Debug for BoundedMap<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedMap")
            .field("drawn", &self.results.remaining)
            .field("buffer", &self.buffer)
            .finish_non_exhaustive()
    }
}
