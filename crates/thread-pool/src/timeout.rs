//! One time limit for a whole iteration.

use std::iter::FusedIterator;
use std::time::{Duration, Instant};

use crate::error::TimedOut;

/// An iterator that can wait for its next item until a deadline.
pub trait Wait: Iterator {
    /// The next item, or [`TimedOut`] at the deadline. The iterator can be used after a
    /// timeout, but a map has cancelled the tasks that had not started.
    fn wait_next(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<Self::Item, TimedOut>>;
}

/// Ends an iteration at a deadline. [`TimedOut`] is then the last item, after all items that
/// came in time.
#[derive(Debug)]
#[must_use = "iterators are lazy"]
pub struct Timeout<I> {
    inner: I,
    /// `None`: no deadline, because it is too late for an [`Instant`].
    deadline: Option<Instant>,
    timed_out: bool,
}

impl<I> Timeout<I> {
    pub(crate) fn new(inner: I, limit: Duration) -> Timeout<I> {
        Timeout {
            inner,
            deadline: Instant::now().checked_add(limit),
            timed_out: false,
        }
    }

    /// Removes the limit and returns the iterator.
    pub fn into_inner(self) -> I {
        self.inner
    }
}

impl<I: Wait> Iterator for Timeout<I> {
    type Item = Result<I::Item, TimedOut>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.timed_out {
            return None;
        }
        let item = self.inner.wait_next(self.deadline)?;
        self.timed_out = item.is_err();
        Some(item)
    }
}

impl<I: Wait + FusedIterator> FusedIterator for Timeout<I> {}
