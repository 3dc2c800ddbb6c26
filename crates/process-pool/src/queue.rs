//! The tasks that no worker has yet, first come, first served.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::Error;
use crate::process::Process;
use crate::task::{Job, Running, Task, Told};

/// A cancelled task stays until its turn comes, but counts for nothing.
#[derive(Default)]
pub(crate) struct Queue {
    tasks: VecDeque<Arc<Task>>,
    cancelled: usize,
}

impl Queue {
    /// How many tasks are to be run.
    pub(crate) fn len(&self) -> usize {
        self.tasks.len() - self.cancelled
    }

    pub(crate) fn push(&mut self, task: Arc<Task>) {
        self.tasks.push_back(task);
    }

    /// For a task that had its turn, but no luck with its worker.
    pub(crate) fn push_front(&mut self, task: Arc<Task>) {
        self.tasks.push_front(task);
    }

    /// Gives the next task to a worker.
    pub(crate) fn pop(&mut self, worker: &Arc<Process>) -> Option<(Running, Job)> {
        while let Some(task) = self.tasks.pop_front() {
            match task.start(worker) {
                Some(started) => return Some(started),
                None => self.cancelled -= 1,
            }
        }
        None
    }

    /// Cancels a task if it is in here.
    pub(crate) fn cancel(&mut self, task: &Task) -> Option<Told> {
        let told = task.withdraw(Error::Cancelled)?;
        self.cancelled += 1;
        // They are to take up no more memory than the others.
        if self.cancelled > 100 && self.cancelled > self.tasks.len() / 2 {
            self.tasks.retain(|task| task.is_queued());
            self.cancelled = 0;
        }
        Some(told)
    }

    /// Fails everything with this error.
    pub(crate) fn clear(&mut self, error: &Error) -> Vec<Told> {
        let tasks = std::mem::take(self).tasks;
        let told = tasks.iter().map(|task| task.withdraw(error.clone()));
        told.flatten().collect()
    }
}
