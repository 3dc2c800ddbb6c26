//! Whether a pool breaks or tries again after a worker could not be started.

use std::time::Duration;

use crate::error::StartError;

/// After this many failed starts in a row, with no worker alive, the pool breaks.
const MAX_FAILED_STARTS: u32 = 3;

/// What a pool does after a worker could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Fail every task, and refuse new ones.
    Break,
    /// Try again after this time, or as soon as another worker has ended.
    RetryAfter(Duration),
    /// Wait until the other workers that are starting are ready or have failed.
    WaitForOthers,
}

/// The state of the pool after a failed start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    /// No other worker lives or is being started.
    pub(crate) alone: bool,
    /// How many workers have been ready and live.
    pub(crate) started: usize,
    /// How many starts in a row have failed, including this one.
    pub(crate) failed_starts: u32,
    /// Whether a task waits for a worker.
    pub(crate) work_is_queued: bool,
    /// Whether a worker of another pool started this program. It may be that pool's own
    /// program, which then starts itself without end.
    pub(crate) started_by_a_worker: bool,
}

/// Decides what to do after a failed start.
///
/// If an initializer failed, it would fail in every worker: the pool breaks. Any other
/// failure is harmless while a worker lives, or while no task waits. Otherwise the pool
/// breaks after three failed starts in a row. It breaks after the first one if another
/// attempt would fail too: if the started process is no worker of this program, or if a
/// worker of another pool started this program.
pub(crate) fn after_failed_start(reason: &StartError, now: Situation) -> Decision {
    if reason.is_of_initializer() {
        return Decision::Break;
    }
    let certain = matches!(reason, StartError::Handshake(_)) || now.started_by_a_worker;
    let hopeless = now.alone && (certain || now.failed_starts >= MAX_FAILED_STARTS);
    if hopeless && now.work_is_queued {
        Decision::Break
    } else if now.started == 0 && !now.alone {
        Decision::WaitForOthers
    } else {
        // 20 ms after the first failure, then twice as long each time, up to 640 ms.
        Decision::RetryAfter(Duration::from_millis(10 << now.failed_starts.min(6)))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::Decision::{Break, RetryAfter, WaitForOthers};
    use super::*;
    use crate::error::Death;

    const ALONE: Situation = Situation {
        alone: true,
        started: 0,
        failed_starts: 1,
        work_is_queued: true,
        started_by_a_worker: false,
    };

    fn retry(millis: u64) -> Decision {
        RetryAfter(Duration::from_millis(millis))
    }

    #[test]
    fn the_rule_case_by_case() {
        let spawn = || StartError::from(io::Error::other("no process"));
        let silent = || StartError::Silent { worker: 1 };
        let died = |in_initializer| StartError::Died {
            worker: 1,
            how: Death::Signal(9),
            in_initializer,
        };
        let stranger = || StartError::Handshake("no greeting".into());
        let refused = || StartError::Initializer("no".into());

        let others_live = Situation {
            alone: false,
            started: 1,
            ..ALONE
        };
        let others_start = Situation {
            alone: false,
            ..ALONE
        };
        let nothing_to_do = Situation {
            work_is_queued: false,
            ..ALONE
        };
        let started_by_a_worker = Situation {
            started_by_a_worker: true,
            ..ALONE
        };
        let after = |failed_starts, situation| Situation {
            failed_starts,
            ..situation
        };
        let cases = [
            // A failure that may be temporary is tried again, twice.
            (spawn(), ALONE, retry(20)),
            (spawn(), after(2, ALONE), retry(40)),
            (spawn(), after(3, ALONE), Break),
            (silent(), ALONE, retry(20)),
            (silent(), after(2, ALONE), retry(40)),
            (silent(), after(3, ALONE), Break),
            (died(false), after(2, ALONE), retry(40)),
            (died(false), after(3, ALONE), Break),
            // A failure that would happen again is not.
            (stranger(), ALONE, Break),
            (spawn(), started_by_a_worker, Break),
            // While a worker lives, only an initializer breaks the pool.
            (spawn(), after(3, others_live), retry(80)),
            (stranger(), others_live, retry(20)),
            (spawn(), after(6, others_live), retry(640)),
            (spawn(), after(1_000, others_live), retry(640)),
            // While others are starting, the pool waits for them.
            (spawn(), others_start, WaitForOthers),
            (stranger(), after(3, others_start), WaitForOthers),
            // Without queued tasks the pool does not break.
            (spawn(), after(3, nothing_to_do), retry(80)),
            (stranger(), nothing_to_do, retry(20)),
            // A failed initializer always breaks the pool.
            (refused(), ALONE, Break),
            (refused(), others_live, Break),
            (refused(), nothing_to_do, Break),
            (died(true), others_start, Break),
        ];
        for (reason, situation, expected) in cases {
            let decision = after_failed_start(&reason, situation);
            assert_eq!(decision, expected, "{reason}: {situation:?}");
        }
    }
}
