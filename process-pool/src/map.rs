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

use crate::codec::next_item;
use crate::entry::FunctionId;
use crate::error::{Error, TimedOut};
use crate::scheduler::Scheduler;
use crate::task::{Job, Outcome, Task};
use crate::timeout::{Timeout, Wait};

/// Packs items into jobs of so many. An item that cannot be sent is a job of its own, which
/// has failed.
pub struct Chunks<I> {
    pub(crate) items: Fuse<I>,
    pub(crate) function: FunctionId,
    pub(crate) size: NonZeroUsize,
    pub(crate) time_limit: Option<Duration>,
    /// Why the function cannot be run at all.
    pub(crate) unknown: Option<Error>,
    /// Why the item that was drawn last cannot be sent.
    pub(crate) refused: Option<Error>,
}

/// Jobs that have not been submitted, with the name of their function.
pub trait Jobs: Iterator<Item = Result<Job, Error>> {
    fn name(&self) -> &'static str;
}

impl Jobs for Empty<Result<Job, Error>> {
    fn name(&self) -> &'static str {
        ""
    }
}

impl<I: Iterator<Item: Serialize>> Jobs for Chunks<I> {
    fn name(&self) -> &'static str {
        self.function.name
    }
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
    fn submit(
        scheduler: &Arc<Scheduler>,
        function: &'static str,
        job: Result<Job, Error>,
    ) -> Chunk {
        let left = job.as_ref().map_or(1, |job| job.calls as usize);
        let task = job.and_then(|job| scheduler.submit(job));
        let failed = |error| Arc::new(Task::failed(function, error));
        Chunk {
            task: task.unwrap_or_else(failed),
            left,
            outcome: None,
            read: 0,
        }
    }

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

/// The results of [`ProcessPool::map`](crate::ProcessPool::map), in the order of the input.
///
/// A failure is one item and does not end the iteration. Dropping this cancels what has not
/// started, so `let _ = pool.map(..)` may run nothing; what has started runs to its end.
///
/// `J` is what has not been submitted yet: nothing, unless the map has a
/// [buffer](crate::TaskOptions::map_bounded).
#[must_use = "dropping this cancels what has not started"]
pub struct Map<O, J = Empty<Result<Job, Error>>> {
    scheduler: Arc<Scheduler>,
    submitted: VecDeque<Chunk>,
    jobs: J,
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
        let name = chunks.function.name;
        let submitted = chunks.map(|job| Chunk::submit(&scheduler, name, job));
        let submitted: VecDeque<_> = submitted.collect();
        Map {
            remaining: submitted.iter().map(|chunk| chunk.left).sum(),
            scheduler,
            submitted,
            jobs: std::iter::empty(),
            buffer: 0,
            taken: 0,
            output: PhantomData,
        }
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
        let mut map = Map {
            scheduler,
            submitted: VecDeque::new(),
            // A whole chunk has room besides.
            buffer: buffer.get() - chunks.size.get(),
            jobs: chunks,
            remaining: 0,
            taken: 0,
            output: PhantomData,
        };
        map.submit();
        map
    }
}

impl<O, J: Jobs> Map<O, J> {
    fn submit(&mut self) {
        while self.remaining <= self.buffer {
            let Some(job) = self.jobs.next() else { return };
            let chunk = Chunk::submit(&self.scheduler, self.jobs.name(), job);
            self.remaining += chunk.left;
            self.submitted.push_back(chunk);
        }
    }
}

impl<O, J> Map<O, J> {
    /// Cancels what has not started.
    fn cancel(&self) {
        for chunk in &self.submitted {
            self.scheduler.cancel(&chunk.task);
        }
    }
}

impl<O, J> Map<O, J> {
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

impl<O: DeserializeOwned, J: Jobs> Wait for Map<O, J> {
    fn wait_next(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<Result<O, Error>, TimedOut>> {
        self.submit();
        let first = self.submitted.front_mut()?;
        if first.outcome.is_none() {
            first.outcome = first.task.wait(deadline);
        }
        if first.outcome.is_none() {
            self.cancel();
            return Some(Err(TimedOut {
                unfinished: self.remaining,
                of: self.taken + self.remaining,
            }));
        }
        self.remaining -= 1;
        self.taken += 1;
        first.left -= 1;
        if first.left > 0 {
            return Some(Ok(first.next()));
        }
        // Its memory is not needed beyond this.
        self.submitted.pop_front().map(|mut last| Ok(last.next()))
    }
}

impl<O: DeserializeOwned, J: Jobs> Iterator for Map<O, J> {
    type Item = Result<O, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // Without a deadline no wait is in vain.
        self.wait_next(None)?.ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A job has one item at least, but nobody knows how many in all.
        let (least, most) = self.jobs.size_hint();
        let most = most.filter(|most| *most == 0).map(|_| self.remaining);
        (least.saturating_add(self.remaining), most)
    }
}

impl<O: DeserializeOwned> ExactSizeIterator for Map<O> {}

impl<O: DeserializeOwned, J: Jobs> FusedIterator for Map<O, J> {}

impl<O, J> fmt::Debug for Map<O, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("submitted", &self.remaining)
            .finish_non_exhaustive()
    }
}
