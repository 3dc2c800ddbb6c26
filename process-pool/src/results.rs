//! The results of many tasks: in the order of the input, or in that of completion.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::vec;

use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::handle::{Handle, Outcome, Slot};

/// The results of [`ProcessPool::map`](crate::ProcessPool::map), in the order of the input.
///
/// A failure is one item and does not end the iteration. Dropping this cancels what has not
/// started; what has started runs to its end.
#[must_use = "dropping this cancels what has not started"]
pub struct Map<O> {
    /// The chunks still to come, with the number of items in each.
    chunks: vec::IntoIter<(Arc<Slot>, usize)>,
    /// The chunk being read: how many bytes of it have been, how many items are left.
    current: Option<(Arc<Slot>, Outcome, usize, usize)>,
    remaining: usize,
    output: PhantomData<fn() -> O>,
}

impl<O> Map<O> {
    pub(crate) fn new(chunks: Vec<(Arc<Slot>, usize)>) -> Map<O> {
        let remaining = chunks.iter().map(|(_, items)| items).sum();
        Map {
            chunks: chunks.into_iter(),
            current: None,
            remaining,
            output: PhantomData,
        }
    }
}

impl<O: DeserializeOwned> Iterator for Map<O> {
    type Item = Result<O, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.current.is_none() {
            let (slot, items) = self.chunks.next()?;
            let outcome = slot.wait(None)?;
            self.current = Some((slot, outcome, 0, items));
        }
        let (slot, outcome, read, left) = self.current.as_mut()?;
        let item = match outcome {
            Ok(bytes) => {
                let mut rest = &bytes[*read..];
                let item = slot.decode(&mut rest);
                *read = bytes.len() - rest.len();
                item
            }
            Err(error) => Err(error.clone()),
        };
        *left -= 1;
        if *left == 0 {
            self.current = None;
        }
        self.remaining -= 1;
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

impl<O: DeserializeOwned> ExactSizeIterator for Map<O> {}

impl<O: DeserializeOwned> FusedIterator for Map<O> {}

impl<O> Drop for Map<O> {
    fn drop(&mut self) {
        for (slot, _) in self.chunks.by_ref() {
            slot.withdraw(Error::Cancelled);
        }
    }
}

impl<O> fmt::Debug for Map<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("remaining", &self.remaining)
            .finish_non_exhaustive()
    }
}

/// Goes through tasks as they finish (Python: `as_completed`).
///
/// The items are `(index, result)`, where `index` is the task's place in `handles`. Every
/// task comes exactly once, those that failed or were cancelled too. Stopping early cancels
/// nothing: go on later, or take the rest back with
/// [`into_unfinished`](AsCompleted::into_unfinished).
pub fn as_completed<O: DeserializeOwned>(
    handles: impl IntoIterator<Item = Handle<O>>,
) -> AsCompleted<O> {
    let (sender, finished) = channel();
    let mut handles: Vec<_> = handles.into_iter().map(Some).collect();
    for (index, handle) in handles.iter_mut().enumerate() {
        let sender = sender.clone();
        if let Some(handle) = handle {
            // Nobody listens any more once the iterator is gone.
            handle.on_finished(move || sender.send(index).unwrap_or_default());
        }
    }
    let remaining = handles.len();
    AsCompleted {
        handles,
        finished,
        remaining,
        deadline: None,
        late: None,
    }
}

/// The tasks of [`as_completed`], those first that finish first.
#[must_use = "iterators are lazy"]
pub struct AsCompleted<O> {
    handles: Vec<Option<Handle<O>>>,
    finished: Receiver<usize>,
    remaining: usize,
    deadline: Option<Instant>,
    /// Once the deadline has passed: how many tasks were unfinished then, and how far into
    /// `handles` they have been named.
    late: Option<(usize, usize)>,
}

impl<O: DeserializeOwned> AsCompleted<O> {
    /// Sets one limit for all tasks together, counted from now. When it is over, what has
    /// finished is delivered first; then every other task comes as [`Error::TimedOut`],
    /// although it runs on.
    pub fn timeout(mut self, limit: Duration) -> AsCompleted<O> {
        self.deadline = Instant::now().checked_add(limit);
        self
    }

    /// Gives back the handles of the tasks whose result has not come, each with its index:
    /// those not reached yet, and those that were late.
    pub fn into_unfinished(self) -> impl Iterator<Item = (usize, Handle<O>)> {
        let handles = self.handles.into_iter().enumerate();
        handles.filter_map(|(index, handle)| Some((index, handle?)))
    }

    /// The index of the next task that finishes in time.
    fn next_finished(&mut self) -> Option<usize> {
        match self.deadline {
            _ if self.late.is_some() => None,
            None => self.finished.recv().ok(),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                self.finished.recv_timeout(left).ok()
            }
        }
    }

    /// The next of those that did not.
    fn next_late(&mut self) -> Option<(usize, Error)> {
        let (unfinished, from) = self.late.unwrap_or((self.remaining, 0));
        let index = from + self.handles[from..].iter().position(Option::is_some)?;
        self.late = Some((unfinished, index + 1));
        Some((
            index,
            Error::TimedOut {
                unfinished,
                of: self.handles.len(),
            },
        ))
    }
}

impl<O: DeserializeOwned> Iterator for AsCompleted<O> {
    type Item = (usize, Result<O, Error>);

    fn next(&mut self) -> Option<Self::Item> {
        self.remaining.checked_sub(1)?;
        let item = match self.next_finished() {
            Some(index) => (index, self.handles[index].take()?.join()),
            None => self.next_late().map(|(index, error)| (index, Err(error)))?,
        };
        self.remaining -= 1;
        Some(item)
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
