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

use super::scheduler::Scheduler;
use super::task::{Task, TaskResults, decode_next};
use super::timeout::{Timeout, Wait};
use super::worker_thread::submit;
use crate::error::{Error, TimedOut, Value};
use crate::wire::function::FunctionId;
use crate::wire::message::{Arguments, Refused};

/// Packs items into tasks. An item that cannot be sent becomes a failed task of its own.
pub(crate) struct Tasks<I: Iterator> {
    items: Fuse<I>,
    function: FunctionId,
    /// The maximum number of items in a task.
    chunk_size: NonZeroUsize,
    time_limit: Option<Duration>,
    /// The last drawn item, if the task before had no room for it.
    left_over: Option<I::Item>,
    /// Why the last drawn item cannot be sent.
    refused: Option<String>,
}

impl<I: Iterator<Item: Serialize>> Tasks<I> {
    pub(crate) fn new(
        function: FunctionId,
        items: I,
        chunk_size: NonZeroUsize,
        time_limit: Option<Duration>,
    ) -> Tasks<I> {
        Tasks {
            items: items.fuse(),
            function,
            chunk_size,
            time_limit,
            left_over: None,
            refused: None,
        }
    }

    /// The bounds of the number of items that are left, as in [`Iterator::size_hint`].
    fn items_left(&self) -> (usize, Option<usize>) {
        let (least, most) = self.items.size_hint();
        let drawn =
            usize::from(self.left_over.is_some()) + usize::from(self.refused.is_some());
        (
            least.saturating_add(drawn),
            most.and_then(|most| most.checked_add(drawn)),
        )
    }

    fn task(&self, arguments: Result<Arguments, Error>) -> Arc<Task> {
        Arc::new(Task::new(self.function, arguments, self.time_limit))
    }
}

impl<I: Iterator<Item: Serialize>> Iterator for Tasks<I> {
    type Item = Arc<Task>;

    fn next(&mut self) -> Option<Arc<Task>> {
        let most = u32::try_from(self.chunk_size.get()).unwrap_or(u32::MAX);
        let mut arguments = Arguments::default();
        while self.refused.is_none() && arguments.count < most {
            let item = self.left_over.take().or_else(|| self.items.next());
            let Some(item) = item else { break };
            match arguments.push(&item) {
                Ok(()) => {}
                Err(Refused::NoRoom) => {
                    self.left_over = Some(item);
                    break;
                }
                Err(Refused::Invalid(message)) => self.refused = Some(message),
            }
        }
        if arguments.count > 0 {
            return Some(self.task(Ok(arguments)));
        }
        let message = self.refused.take()?;
        Some(self.task(Err(Error::serialize(Value::Argument, message))))
    }
}

/// The results of [`ProcessPool::map`](crate::ProcessPool::map), in the order of the input.
///
/// A failure is one item and does not end the iteration. Dropping this cancels the tasks
/// that have not started, so `let _ = pool.map(..)` may run nothing. Tasks that have
/// started run to their end.
#[must_use = "dropping this cancels what has not started"]
pub struct Map<O> {
    scheduler: Arc<Scheduler>,
    tasks: VecDeque<Arc<Task>>,
    /// The results of the first task, once it has finished.
    current: Option<Current>,
    /// How many results have not been taken; `taken` counts those that have.
    remaining: usize,
    taken: usize,
    output: PhantomData<fn() -> O>,
}

/// The results of a finished task, and how many of them have been taken.
struct Current {
    results: TaskResults,
    bytes_read: usize,
    items_taken: usize,
}

impl<O> Map<O> {
    /// The results of tasks that have been submitted.
    pub(crate) fn new(scheduler: Arc<Scheduler>, tasks: VecDeque<Arc<Task>>) -> Map<O> {
        Map {
            remaining: tasks.iter().map(|task| task.items).sum(),
            scheduler,
            tasks,
            current: None,
            taken: 0,
            output: PhantomData,
        }
    }

    /// Submits one more task. Its results come last.
    fn submit(&mut self, task: Arc<Task>) {
        submit(&self.scheduler, &task);
        self.remaining += task.items;
        self.tasks.push_back(task);
    }

    /// Cancels what has not started.
    fn cancel(&self) {
        for task in &self.tasks {
            self.scheduler.cancel(task);
        }
    }

    /// Sets one limit for all results together, counted from now (Python: `timeout`). After
    /// the limit, [`TimedOut`] is the last item, and tasks that have not started are
    /// cancelled.
    pub fn timeout(self, limit: Duration) -> Timeout<Map<O>> {
        Timeout::new(self, limit)
    }
}

impl<O> Drop for Map<O> {
    fn drop(&mut self) {
        if self.scheduler.check_owner().is_ok() {
            self.cancel();
        }
    }
}

impl<O: DeserializeOwned> Wait for Map<O> {
    fn wait_next(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<Result<O, Error>, TimedOut>> {
        let task = self.tasks.front()?;
        if let Err(error) = self.scheduler.check_owner() {
            self.tasks.clear();
            self.remaining = 0;
            return Some(Ok(Err(error)));
        }
        if self.current.is_none() {
            self.current = task.wait(deadline).map(|results| Current {
                results,
                bytes_read: 0,
                items_taken: 0,
            });
        }
        let Some(current) = &mut self.current else {
            self.cancel();
            return Some(Err(TimedOut {
                unfinished: self.remaining,
                of: self.taken + self.remaining,
            }));
        };
        self.remaining -= 1;
        self.taken += 1;
        current.items_taken += 1;
        if current.items_taken < task.items {
            let Current {
                results,
                bytes_read,
                ..
            } = current;
            return Some(Ok(decode_next(&task.function, results, bytes_read)));
        }
        // This is the task's last result: free its memory.
        let task = self.tasks.pop_front()?;
        let mut last = self.current.take()?;
        let result = decode_next(&task.function, &last.results, &mut last.bytes_read);
        Some(Ok(result))
    }
}

impl<O: DeserializeOwned> Iterator for Map<O> {
    type Item = Result<O, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // Without a deadline it does not time out.
        self.wait_next(None)?.ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

impl<O: DeserializeOwned> ExactSizeIterator for Map<O> {}

impl<O: DeserializeOwned> FusedIterator for Map<O> {}

impl<O> fmt::Debug for Map<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("remaining", &self.remaining)
            .finish_non_exhaustive()
    }
}

/// The results of [`ProcessPool::map_bounded`](crate::ProcessPool::map_bounded). Works like
/// [`Map`], but draws and submits items as results are taken.
#[must_use = "dropping this cancels what has not started"]
pub struct BoundedMap<O, I: Iterator> {
    submitted: Map<O>,
    tasks: Tasks<I>,
    /// Another task is submitted while no more results than this remain.
    threshold: usize,
    /// All items have been drawn.
    exhausted: bool,
}

impl<O, I: Iterator<Item: Serialize>> BoundedMap<O, I> {
    /// Submits the first tasks, until the buffer is full.
    pub(crate) fn new(
        scheduler: Arc<Scheduler>,
        mut tasks: Tasks<I>,
        buffer: NonZeroUsize,
    ) -> BoundedMap<O, I> {
        tasks.chunk_size = tasks.chunk_size.min(buffer);
        // The buffer then has room for one more task of full size.
        let threshold = buffer.get() - tasks.chunk_size.get();
        let mut map = BoundedMap {
            submitted: Map::new(scheduler, VecDeque::new()),
            tasks,
            threshold,
            exhausted: false,
        };
        map.submit();
        map
    }

    fn submit(&mut self) {
        while self.submitted.remaining <= self.threshold {
            let Some(task) = self.tasks.next() else {
                self.exhausted = true;
                return;
            };
            self.submitted.submit(task);
        }
    }

    /// As [`Map::timeout`].
    pub fn timeout(self, limit: Duration) -> Timeout<BoundedMap<O, I>> {
        Timeout::new(self, limit)
    }
}

impl<O: DeserializeOwned, I: Iterator<Item: Serialize>> Wait for BoundedMap<O, I> {
    fn wait_next(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<Result<O, Error>, TimedOut>> {
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

impl<O: DeserializeOwned, I: Iterator<Item: Serialize>> Iterator for BoundedMap<O, I> {
    type Item = Result<O, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.submit();
        self.submitted.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let submitted = self.submitted.remaining;
        let (least, most) = self.tasks.items_left();
        (
            least.saturating_add(submitted),
            most.and_then(|most| most.checked_add(submitted)),
        )
    }
}

impl<O: DeserializeOwned, I: Iterator<Item: Serialize>> FusedIterator
    for BoundedMap<O, I>
{
}

impl<O, I: Iterator> fmt::Debug for BoundedMap<O, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedMap")
            .field("submitted", &self.submitted.remaining)
            .finish_non_exhaustive()
    }
}
