//! The results of many calls of one function, in the order of their items.

use std::collections::VecDeque;
use std::fmt;
use std::iter::{Empty, Fuse, FusedIterator};
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::entry::FunctionId;
use crate::error::{Error, TimedOut, Value};
use crate::scheduler::Scheduler;
use crate::task::{Job, Outcome, Task, decode_next};
use crate::timeout::{Timeout, Wait};

/// Packs items into tasks of so many, and says how many. An item that cannot be sent is a
/// task of its own, which has failed.
pub struct Chunks<I> {
    pub(crate) items: Fuse<I>,
    pub(crate) function: FunctionId,
    pub(crate) size: NonZeroUsize,
    pub(crate) time_limit: Option<Duration>,
    /// Why the item that was drawn last cannot be sent.
    pub(crate) refused: Option<Error>,
}

/// A task, and how many results of it have not been taken.
type Chunk = (Arc<Task>, usize);

impl<I: Iterator<Item: Serialize>> Iterator for Chunks<I> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        let size = u32::try_from(self.size.get()).unwrap_or(u32::MAX);
        let mut job = Job {
            time_limit: self.time_limit,
            ..Job::default()
        };
        while self.refused.is_none() && job.calls < size {
            let Some(item) = self.items.next() else { break };
            self.refused = job.push(&item).map_err(Value::Argument.refused()).err();
        }
        if job.calls > 0 {
            let items = job.calls as usize;
            return Some((Arc::new(Task::new(self.function, Ok(job))), items));
        }
        let error = self.refused.take()?;
        Some((Arc::new(Task::new(self.function, Err(error))), 1))
    }
}

/// The results of [`ProcessPool::map`](crate::ProcessPool::map), in the order of the input.
///
/// A failure is one item and does not end the iteration. Dropping this cancels what has not
/// started, so `let _ = pool.map(..)` may run nothing; what has started runs to its end.
///
/// `J` is what has not been submitted yet: nothing, unless the map has a
/// [buffer](crate::TaskOptions::map_bounded).
#[must_use = "dropping this cancels what has not started"]
pub struct Map<O, J = Empty<Chunk>> {
    scheduler: Arc<Scheduler>,
    submitted: VecDeque<Chunk>,
    /// What there is of the first chunk, and how many bytes of it have been read.
    current: Option<(Outcome, usize)>,
    chunks: J,
    /// How many results have been submitted and not been taken: so many may be.
    remaining: usize,
    buffer: usize,
    taken: usize,
    output: PhantomData<fn() -> O>,
}

impl<O> Map<O> {
    /// Submits everything at once.
    pub(crate) fn new<I: Iterator<Item: Serialize>>(
        scheduler: Arc<Scheduler>,
        chunks: Chunks<I>,
    ) -> Map<O> {
        // If an item panics, what was submitted before it is run.
        let submit = |chunk: &Chunk| scheduler.submit_or_fail(&chunk.0);
        let submitted = chunks.inspect(submit).collect();
        Map::with(scheduler, submitted, std::iter::empty(), 0)
    }
}

impl<O, I: Iterator<Item: Serialize>> Map<O, Chunks<I>> {
    /// Submits what there is room for.
    pub(crate) fn bounded(
        scheduler: Arc<Scheduler>,
        mut chunks: Chunks<I>,
        buffer: NonZeroUsize,
    ) -> Map<O, Chunks<I>> {
        chunks.size = chunks.size.min(buffer);
        // A whole chunk has room besides.
        let buffer = buffer.get() - chunks.size.get();
        let mut map = Map::with(scheduler, VecDeque::new(), chunks, buffer);
        map.submit();
        map
    }
}

impl<O, J: Iterator<Item = Chunk>> Map<O, J> {
    fn submit(&mut self) {
        while self.remaining <= self.buffer {
            let Some((task, items)) = self.chunks.next() else {
                return;
            };
            self.scheduler.submit_or_fail(&task);
            self.remaining += items;
            self.submitted.push_back((task, items));
        }
    }
}

impl<O, J> Map<O, J> {
    fn with(
        scheduler: Arc<Scheduler>,
        submitted: VecDeque<Chunk>,
        chunks: J,
        buffer: usize,
    ) -> Map<O, J> {
        Map {
            remaining: submitted.iter().map(|(_, items)| items).sum(),
            scheduler,
            submitted,
            current: None,
            chunks,
            buffer,
            taken: 0,
            output: PhantomData,
        }
    }

    /// Cancels what has not started.
    fn cancel(&self) {
        for (task, _) in &self.submitted {
            self.scheduler.cancel(task);
        }
    }

    /// Sets one limit for all results together, counted from now (Python: `timeout`). When
    /// it is over, the next item is [`TimedOut`] and the last; what has not started is
    /// cancelled.
    pub fn timeout(self, limit: Duration) -> Timeout<Map<O, J>> {
        Timeout::new(self, limit)
    }
}

impl<O, J> Drop for Map<O, J> {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl<O: DeserializeOwned, J: Iterator<Item = Chunk>> Wait for Map<O, J> {
    fn wait_next(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<Result<O, Error>, TimedOut>> {
        self.submit();
        let (task, left) = self.submitted.front_mut()?;
        if self.current.is_none() {
            self.current = task.wait(deadline).map(|outcome| (outcome, 0));
        }
        let Some((outcome, read)) = &mut self.current else {
            self.cancel();
            return Some(Err(TimedOut {
                unfinished: self.remaining,
                of: self.taken + self.remaining,
            }));
        };
        self.remaining -= 1;
        self.taken += 1;
        *left -= 1;
        if *left > 0 {
            return Some(Ok(decode_next(&task.function, outcome, read)));
        }
        // The last of a chunk: its memory is not needed beyond this.
        let (task, _) = self.submitted.pop_front()?;
        let (outcome, mut read) = self.current.take()?;
        Some(Ok(decode_next(&task.function, &outcome, &mut read)))
    }
}

impl<O: DeserializeOwned, J: Iterator<Item = Chunk>> Iterator for Map<O, J> {
    type Item = Result<O, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // Without a deadline no wait is in vain.
        self.wait_next(None)?.ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A job has one item at least, but nobody knows how many in all.
        let (least, most) = self.chunks.size_hint();
        let most = most.filter(|most| *most == 0).map(|_| self.remaining);
        (least.saturating_add(self.remaining), most)
    }
}

impl<O: DeserializeOwned> ExactSizeIterator for Map<O> {}

impl<O: DeserializeOwned, J: Iterator<Item = Chunk>> FusedIterator for Map<O, J> {}

impl<O, J> fmt::Debug for Map<O, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("submitted", &self.remaining)
            .finish_non_exhaustive()
    }
}
