//! One time limit for a whole iteration.

use std::iter::FusedIterator;
use std::time::{Duration, Instant};

use crate::error::TimedOut;

/// An iterator that can give up waiting for its next item.
pub trait Wait: Iterator {
    /// The next item, if it comes before the deadline. After a timeout the iterator can go
    /// on, but a map has cancelled what had not started.
    fn wait_next(
        &mut self,
        deadline: Option<Instant>,
    ) -> Option<Result<Self::Item, TimedOut>>;
}

/// Ends an iteration at a deadline. Its last item is [`TimedOut`] then; what was there in
/// time has come before it.
#[derive(Debug)]
#[must_use = "iterators are lazy"]
pub struct Timeout<I> {
    inner: I,
    /// `None`: no deadline, because it would be later than an [`Instant`] can say.
    deadline: Option<Instant>,
    over: bool,
}

impl<I> Timeout<I> {
    pub(crate) fn new(inner: I, limit: Duration) -> Timeout<I> {
        Timeout {
            inner,
            deadline: Instant::now().checked_add(limit),
            over: false,
        }
    }

    /// The iterator without the limit, to go on with it.
    pub fn into_inner(self) -> I {
        self.inner
    }
}

impl<I: Wait> Iterator for Timeout<I> {
    type Item = Result<I::Item, TimedOut>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let item = self.inner.wait_next(self.deadline)?;
        self.over = item.is_err();
        Some(item)
    }
}

impl<I: Wait> FusedIterator for Timeout<I> where I: FusedIterator {}
