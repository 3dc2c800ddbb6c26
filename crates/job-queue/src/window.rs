//! How many jobs of a run are at the server.

/// How many jobs of a run may wait or run at the server.
///
/// All runs of a function share one queue: first in, first out. Each run keeps only about as
/// many jobs waiting there as are running. So a small run beside a huge one has to wait only
/// about as long as one job takes.
///
/// If jobs are short, more of them have to wait: as many as are done in [`AHEAD`]. Otherwise
/// workers would run out of jobs while the next ones are sent.
pub(crate) struct Window {
    size: usize,
    max: usize,
    last: Option<Queue>,
}

/// For how many seconds of work jobs may always wait.
const AHEAD: f64 = 0.05;

/// The queue of a function at one time, as its consumer sees it: the jobs of all runs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Queue {
    /// Jobs that wait for a worker.
    pub(crate) waiting: usize,
    /// Jobs that workers are doing.
    pub(crate) running: usize,
    /// Jobs that workers have done, since the consumer was made.
    pub(crate) done: u64,
    /// The time of these figures, in seconds.
    pub(crate) time: f64,
    /// Requests of hosts for jobs that wait at the server.
    pub(crate) requests: usize,
}

impl Window {
    /// A window that begins with `size` and grows to at most `max`.
    pub(crate) fn new(size: usize, max: usize) -> Window {
        Window {
            size: size.clamp(1, max),
            max,
            last: None,
        }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Adapts the window to the queue. Returns whether the queue should be read again soon.
    pub(crate) fn adapt(&mut self, queue: Queue) -> bool {
        let per_second = match self.last {
            Some(last) if queue.time > last.time => {
                queue.done.saturating_sub(last.done) as f64 / (queue.time - last.time)
            }
            _ => 0.0,
        };
        self.last = Some(queue);
        let enough = queue.running.max((per_second * AHEAD) as usize).max(1);
        let size = if queue.waiting == 0 {
            self.size * 2
        } else if queue.waiting <= enough / 2 {
            self.size + enough.div_ceil(8)
        } else if queue.waiting > enough {
            self.size - self.size / 4
        } else {
            self.size
        };
        self.size = size.clamp(1, self.max);
        queue.waiting == 0 && self.size < self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The window after a while, of a run that always fills it and has this many slots alone.
    fn settled(slots: usize, jobs_per_second: f64, max: usize) -> usize {
        let mut window = Window::new(1, max);
        let mut queue = Queue::default();
        for _ in 0..200 {
            queue.running = slots.min(window.size());
            queue.waiting = window.size() - queue.running;
            queue.time += 0.25;
            queue.done += (jobs_per_second * 0.25 * queue.running as f64) as u64;
            window.adapt(queue);
        }
        window.size()
    }

    #[test]
    fn of_long_jobs_no_more_wait_than_run() {
        for slots in [1, 2, 3, 8, 100, 1000] {
            let window = settled(slots, 0.01, 100_000);
            assert!(
                (slots + 1..=2 * slots).contains(&window),
                "{slots}: {window}"
            );
        }
    }

    #[test]
    fn of_short_jobs_more_wait() {
        // 2 slots do 2,000 jobs a second: 100 in 50 ms.
        let window = settled(2, 1000.0, 4096);
        assert!((50..=150).contains(&window), "{window}");
    }

    #[test]
    fn it_stays_within_its_limit_and_shrinks_when_workers_go() {
        assert_eq!(settled(1000, 1.0, 64), 64);
        let mut window = Window::new(1000, 4096);
        for _ in 0..50 {
            window.adapt(Queue {
                waiting: window.size(),
                running: 2,
                ..Queue::default()
            });
        }
        assert!(window.size() <= 4, "{}", window.size());
    }
}
