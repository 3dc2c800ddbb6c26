//! The timeouts and intervals of the queue.

use std::time::Duration;

/// The timeouts and intervals of the queue. All programs at a server should have the same.
///
/// The defaults suit real networks. Tests [divide](Times::divided_by) them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Times {
    /// A run ends when its submitter has not renewed its key for this time: 10 minutes.
    pub run_ttl: Duration,
    /// A job is given to another worker if the first one has not reported progress for this
    /// time: 30 seconds. A worker reports three times as often.
    pub ack_wait: Duration,
    /// How often a submitter renews its key, and checks whether its jobs are still at the
    /// server: every 20 seconds.
    pub lost_job_check: Duration,
    /// How often a worker checks whether the runs of its jobs have ended: every second.
    pub run_check: Duration,
    /// A note on stderr says what is wrong after this time: 5 seconds.
    pub patience: Duration,
    /// The first pause after a worker process has died: 1 second. The pause doubles with each
    /// further death, up to a minute.
    pub pause: Duration,
    /// How often a worker that has done jobs logs them: every minute.
    pub log: Duration,
}

impl Default for Times {
    fn default() -> Times {
        Times {
            run_ttl: Duration::from_secs(600),
            ack_wait: Duration::from_secs(30),
            lost_job_check: Duration::from_secs(20),
            run_check: Duration::from_secs(1),
            patience: Duration::from_secs(5),
            pause: Duration::from_secs(1),
            log: Duration::from_secs(60),
        }
    }
}

impl Times {
    /// The defaults, each of them divided by `n`.
    pub fn divided_by(n: u32) -> Times {
        let Times {
            run_ttl,
            ack_wait,
            lost_job_check,
            run_check,
            patience,
            pause,
            log,
        } = Times::default();
        Times {
            run_ttl: run_ttl / n,
            ack_wait: ack_wait / n,
            lost_job_check: lost_job_check / n,
            run_check: run_check / n,
            patience: patience / n,
            pause: pause / n,
            log: log / n,
        }
    }

    /// The pause after the last of `deaths`, counted from 1 on.
    pub(crate) fn pause_after(&self, deaths: u32) -> Duration {
        let doublings = deaths.saturating_sub(1).min(6);
        self.pause * (1 << doublings).min(60)
    }
}
