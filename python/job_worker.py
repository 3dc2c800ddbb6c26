"""How a page becomes a worker: `--worker`, or as the host of its own workers.

In Rust: crates/job-queue/src/entry.rs
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from job_messages import name_of
from nats_server import QueueError, how_ended
from options import positive_integer, server_url, usable_cores
from workloads import print_note, settings

if TYPE_CHECKING:
    from job_host import Host

# The argument that makes this program the host of another one's workers. The rest comes
# by a pipe, because every user can read the arguments of a process.
OWN_HOST = "--host-of-own-workers"


@dataclass(frozen=True)
class Work:
    """What a worker does."""

    name: str
    function: Callable[[Any], Any]
    # The class of the errors that are results, if there are any.
    raises: type[Exception] | None
    # Raises an exception for an argument that is out of bounds.
    check: Callable[[Any], object]


def worker_entry(
    function: Callable[[Any], Any],
    *,
    raises: type[Exception] | None = None,
    check: Callable[[Any], object] = lambda _: None,
) -> None:
    """Be a worker, and never return, if the command line says `--worker`.

    `raises` is the class of the errors that are sent as results: as `Err`, and values
    as `Ok`. `check` raises an exception for an argument that the worker is to refuse.
    SIGTERM or Ctrl-C lets it finish its jobs and end; a second one ends it immediately.
    """
    work = Work(name_of(function), function, raises, check)
    if OWN_HOST in sys.argv[1:]:
        server, max_workers, others = pickle.load(sys.stdin.buffer)
        vars(settings).update(vars(others))
        asyncio.run(_be_own_host(work, server, max_workers))
    elif "--worker" in sys.argv[1:]:
        args = _parse(function.__name__)
        asyncio.run(_work(work, args.server, args.max_workers))
    else:
        return
    sys.exit(0)


def _parse(function: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=f"A worker that has {function}", allow_abbrev=False
    )
    parser.add_argument(
        "--worker",
        action="store_true",
        help="take jobs from the programs at a server, until SIGTERM or Ctrl-C",
    )
    parser.add_argument(
        "--server",
        metavar="URL",
        type=server_url,
        required=True,
        help="the NATS server: nats://HOST:4222 or tls://HOST:4222, or several with "
        "commas between; the environment holds the password: NATS_USER and "
        "NATS_PASSWORD, NATS_TOKEN, or the file NATS_CREDS; for TLS the files NATS_CA, "
        "NATS_CERT, NATS_KEY",
    )
    parser.add_argument(
        "--max-workers",
        metavar="N",
        type=positive_integer,
        default=usable_cores(),
        help="do N jobs at a time, each in a process of its own [default: one per "
        "usable core]",
    )
    return parser.parse_args()


async def _work(work: Work, server: str, max_workers: int) -> None:
    from job_host import Host
    from nats_connection import Connection, note_secret

    note_secret(server)
    connection = Connection(server, is_own=False)
    await connection.open()
    host = Host(connection, work, max_workers)
    _stop_at_signals(host)
    print_note(
        f"{max_workers} at a time, this does the jobs of {work.name} at {connection}"
    )
    await host.work()
    await connection.close()


def _stop_at_signals(host: Host) -> None:
    loop, signals = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)

    def stop() -> None:
        host.stop()
        for number in signals:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    # Windows has no such handlers: a worker just ends there, and others do its jobs.
    with suppress(NotImplementedError):
        for number in signals:
            loop.add_signal_handler(number, stop)


# The host of a page's own workers


class OwnHost:
    """This program once more, as the host of its own workers."""

    def __init__(self, server: str, max_workers: int) -> None:
        if OWN_HOST in sys.argv[1:]:
            raise QueueError("this is a worker: call `worker_entry` before `JobQueue`")
        if not os.path.isfile(sys.argv[0]):
            raise QueueError("workers need a program in a file, or use --server")
        self._process = subprocess.Popen(
            [sys.executable, sys.argv[0], OWN_HOST], stdin=subprocess.PIPE
        )
        assert self._process.stdin
        pickle.dump((server, max_workers, settings), self._process.stdin)
        self._process.stdin.flush()

    def why_ended(self) -> str | None:
        """How it has ended, if it has."""
        status = self._process.poll()
        if status is None:
            return None
        return f"the host of the workers ended, {how_ended(status)}"

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


async def _be_own_host(work: Work, server: str, max_workers: int) -> None:
    from job_host import Host
    from nats_connection import Connection

    # A Ctrl-C at the terminal is for the program.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_program, daemon=True).start()
    connection = Connection(server, is_own=True)
    await connection.open()
    await Host(connection, work, max_workers).work()


def _end_with_the_program() -> None:
    """Wait until the pipe closes that only the end of the program closes."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)
