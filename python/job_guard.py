"""The guard of a page, which outlives it by a moment: this file, run as a program.

Nothing else can tidy up after a SIGKILL. It waits until a pipe closes that only the end
of the page closes. Then it ends the runs that are left at the server.

In Rust: crates/job-queue/src/guard.rs
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from functools import partial

# How long a guard may take to tidy up, in seconds.
TIMEOUT = 20.0


class Guard:
    """The guard, seen from the page."""

    def __init__(self, servers: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            # A Ctrl-C at the terminal is for the page, not for what tidies up after it.
            start_new_session=True,
        )
        # By the pipe, because every user can read the arguments of a process.
        self._tell(servers)

    def begin(self, token: str, run: str) -> None:
        """Name a run that is to end with the page."""
        self._tell(f"begin {token} {run}")

    def end_of(self, token: str, run: str) -> None:
        """Say that a run has ended, and nothing of it is left."""
        self._tell(f"end {token} {run}")

    def end(self) -> None:
        """Have it tidy up, which goes on without the page."""
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def _tell(self, line: str) -> None:
        assert self._process.stdin
        # Without its guard the page goes on.
        with suppress(BrokenPipeError):
            print(line, file=self._process.stdin, flush=True)


def _stand_guard() -> None:
    servers = sys.stdin.readline().strip()
    runs: set[tuple[str, str]] = set()
    for line in sys.stdin:
        what, token, run = line.split()
        if what == "begin":
            runs.add((token, run))
        else:
            runs.discard((token, run))
    if runs:
        asyncio.run(asyncio.wait_for(_end_all(servers, runs), TIMEOUT))


async def _end_all(servers: str, runs: set[tuple[str, str]]) -> None:
    from job_times import RUN_CHECK
    from nats_connection import Connection
    from nats_server import QueueError

    while True:
        connection = Connection(servers, is_own=False)
        with suppress(QueueError):
            await connection.open()
            break
        await asyncio.sleep(1)
    for token, run in runs:
        await connection.persist(partial(connection.end_run, run))
        await connection.persist(partial(connection.remove_jobs, token, run))
    # The workers may have stored results until they knew.
    await asyncio.sleep(2 * RUN_CHECK)
    for _, run in runs:
        await connection.persist(partial(connection.purge_results, run))
    await connection.close()


if __name__ == "__main__":
    with suppress(Exception):
        _stand_guard()
    # Without the clean-up of a connection that does not answer.
    os._exit(0)
