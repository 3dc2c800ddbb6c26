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
            # A Ctrl-C at the terminal is for the page, not for its guard.
            start_new_session=True,
        )
        # By the pipe, because every user can read the arguments of a process.
        self._write(servers)

    def will_end(self, token: str, run: str) -> None:
        """Name a run that is to be ended after the page."""
        self._write(f"{token} {run}")

    def end(self) -> None:
        """Have it tidy up, which goes on without the page."""
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def _write(self, line: str) -> None:
        assert self._process.stdin
        # Without its guard the page goes on.
        with suppress(BrokenPipeError):
            print(line, file=self._process.stdin, flush=True)


async def _end_all(servers: str, runs: list[list[str]]) -> None:
    # Only now, because most guards have nothing to do for most of the time.
    from nats_connection import Connection

    connection = Connection(servers)
    await connection.open()
    for token, run in runs:
        # Little is left of one that its submitter has ended.
        await connection.persist(partial(connection.end_run, token, run))


if __name__ == "__main__":
    servers, *lines = sys.stdin.read().splitlines()
    if lines:
        runs = [line.split() for line in lines]
        with suppress(Exception):
            asyncio.run(asyncio.wait_for(_end_all(servers, runs), TIMEOUT))
    # Without the clean-up of a connection that does not answer.
    os._exit(0)
