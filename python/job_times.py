"""How long the job queue waits for what, in seconds. All programs at a server should have
the same times; tests divide them.

In Rust: crates/job-queue/src/times.rs, which explains them.
"""

RUN_TTL = 600.0
ACK_WAIT = 30.0
LOST_JOB_CHECK = 20.0
RUN_CHECK = 1.0
PATIENCE = 5.0
PAUSE = 1.0
