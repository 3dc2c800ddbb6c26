"""How long the job queue waits for what. All programs at a server should have the same.

In Rust: crates/job-queue/src/times.rs, which explains them.
"""

import os

_DIVISOR = float(os.environ.get("JOB_QUEUE_TIMES_DIVIDED_BY", 1))

RUN_TTL = 600 / _DIVISOR
ACK_WAIT = 30 / _DIVISOR
LOST_JOB_CHECK = 20 / _DIVISOR
RUN_CHECK = 1 / _DIVISOR
PATIENCE = 5 / _DIVISOR
PAUSE = 1 / _DIVISOR


def pause_after(deaths: int) -> float:
    """The pause after the last of `deaths`, counted from 1 on."""
    doublings = min(max(deaths - 1, 0), 6)
    return PAUSE * min(2**doublings, 60)
