//! The tasks that no worker has yet: first in, first out.

use std::collections::VecDeque;
use std::sync::Arc;

use super::process::Process;
use super::task::{RunningTask, Task, Waiters};
use crate::error::Error;
use crate::wire::message::Arguments;

/// A cancelled task may stay in the queue until its turn, but does not count in `len`.
#[derive(Default)]
pub(crate) struct Queue {
    tasks: VecDeque<Arc<Task>>,
    cancelled: usize,
}

impl Queue {
    /// The number of tasks that are not cancelled.
    pub(crate) fn len(&self) -> usize {
        self.tasks.len() - self.cancelled
    }

    pub(crate) fn push(&mut self, task: Arc<Task>) {
        self.tasks.push_back(task);
    }

    /// Puts a task back: its worker died before it could begin.
    pub(crate) fn push_front(&mut self, task: Arc<Task>) {
        self.tasks.push_front(task);
    }

    /// Gives the next task to a worker.
    pub(crate) fn pop(
        &mut self,
        worker: &Arc<Process>,
    ) -> Option<(RunningTask, Arguments)> {
        while let Some(task) = self.tasks.pop_front() {
            match task.start(worker) {
                Some(started) => return Some(started),
                None => self.cancelled -= 1,
            }
        }
        None
    }

    /// Cancels a task if it is queued.
    pub(crate) fn cancel(&mut self, task: &Task) -> Option<Waiters> {
        let waiters = task.fail_if_queued(Error::Cancelled)?;
        self.cancelled += 1;
        // Bounds the memory for cancelled tasks.
        if self.cancelled > 100 && self.cancelled > self.tasks.len() / 2 {
            self.tasks.retain(|task| task.is_queued());
            self.cancelled = 0;
        }
        Some(waiters)
    }

    /// Fails all tasks with this error.
    pub(crate) fn clear(&mut self, error: &Error) -> Vec<Waiters> {
        let tasks = std::mem::take(self).tasks;
        let waiters = tasks.iter().map(|task| task.fail_if_queued(error.clone()));
        waiters.flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::function::FunctionId;

    fn task(argument: u8) -> Arc<Task> {
        fn id(n: u8) -> u8 {
            n
        }
        let mut arguments = Arguments::default();
        assert!(arguments.push(&argument).is_ok());
        Arc::new(Task::new(FunctionId::of(&id), Ok(arguments), None))
    }

    fn queue(tasks: &[Arc<Task>]) -> Queue {
        let mut queue = Queue::default();
        for task in tasks {
            queue.push(Arc::clone(task));
        }
        queue
    }

    #[test]
    fn first_come_first_served_and_who_was_lost_comes_first() {
        let worker = Process::for_tests();
        let tasks = [0, 1, 2].map(task);
        let mut queue = queue(&tasks);
        assert_eq!(queue.len(), 3);
        let (first, arguments) = queue.pop(&worker).unwrap();
        assert!(Arc::ptr_eq(&first.task, &tasks[0]));
        queue.push_front(first.put_back(arguments).ok().unwrap());
        for task in &tasks {
            let (running, _) = queue.pop(&worker).unwrap();
            assert!(Arc::ptr_eq(&running.task, task));
        }
        assert_eq!(queue.len(), 0);
        assert!(queue.pop(&worker).is_none());
    }

    #[test]
    fn a_cancelled_task_counts_for_nothing_and_takes_no_room() {
        let worker = Process::for_tests();
        let tasks: Vec<_> = (0..=250).map(task).collect();
        let mut queue = queue(&tasks);
        for (number, task) in tasks.iter().enumerate().take(250) {
            queue.cancel(task).unwrap().wake();
            assert!(queue.cancel(task).is_none(), "once");
            assert!(matches!(task.error(), Some(Error::Cancelled)));
            assert_eq!(queue.len(), 250 - number);
            // At most as many cancelled tasks as others, or a hundred.
            assert!(queue.tasks.len() <= queue.len() + queue.len().max(100));
        }
        let (last, _) = queue.pop(&worker).unwrap();
        assert!(Arc::ptr_eq(&last.task, &tasks[250]));
        assert!(queue.pop(&worker).is_none());
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn clearing_fails_what_is_queued_and_nothing_else() {
        let worker = Process::for_tests();
        let tasks = [0, 1, 2].map(task);
        let mut queue = queue(&tasks);
        let (running, _) = queue.pop(&worker).unwrap();
        queue.cancel(&tasks[1]).unwrap().wake();
        let waiters = queue.clear(&Error::ShutDown);
        assert_eq!(waiters.len(), 1);
        waiters.into_iter().for_each(Waiters::wake);
        assert_eq!(queue.len(), 0);
        assert!(!tasks[0].is_finished());
        assert!(matches!(tasks[1].error(), Some(Error::Cancelled)));
        assert!(matches!(tasks[2].error(), Some(Error::ShutDown)));
        running.finish(Ok(Arc::default()));
        assert!(tasks[0].is_finished() && tasks[0].error().is_none());
    }
}
