//! When a pool breaks because its workers cannot be started, and when it tries again.

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
    /// Others are being started: what becomes of them decides.
    WaitForOthers,
}

/// How things stand at the time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    /// No worker lives, and none is being started.
    pub(crate) alone: bool,
    /// Workers that are past their start.
    pub(crate) started: usize,
    /// How many starts in a row have failed, this one included.
    pub(crate) failed_starts: u32,
    /// Whether anything waits for a worker.
    pub(crate) work_is_queued: bool,
    /// Whether this program was started by a worker of another pool, so that it might be
    /// that pool's own program, started over and over.
    pub(crate) started_by_a_worker: bool,
}

/// The rule. An initializer that fails would fail in every worker: the pool breaks. Any
/// other failure is harmless while a worker lives, or while no task waits. Otherwise the pool
/// breaks when three starts in a row have failed, or after the first when what was started is
/// no worker of this program, which another attempt would not change.
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
            // What may pass is tried again, twice.
            (spawn(), ALONE, retry(20)),
            (spawn(), after(2, ALONE), retry(40)),
            (spawn(), after(3, ALONE), Break),
            (silent(), ALONE, retry(20)),
            (silent(), after(2, ALONE), retry(40)),
            (silent(), after(3, ALONE), Break),
            (died(false), after(2, ALONE), retry(40)),
            (died(false), after(3, ALONE), Break),
            // What would be the same another time is not.
            (stranger(), ALONE, Break),
            (spawn(), started_by_a_worker, Break),
            // While a worker lives nothing breaks but for the initializer.
            (spawn(), after(3, others_live), retry(80)),
            (stranger(), others_live, retry(20)),
            (spawn(), after(6, others_live), retry(640)),
            (spawn(), after(1_000, others_live), retry(640)),
            // The others that are being started decide.
            (spawn(), others_start, WaitForOthers),
            (stranger(), after(3, others_start), WaitForOthers),
            // Without work there is nothing to fail.
            (spawn(), after(3, nothing_to_do), retry(80)),
            (stranger(), nothing_to_do, retry(20)),
            // An initializer fails for all.
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
