"""How a page becomes a worker.

In Rust: crates/job-queue/src/entry.rs
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from job_host import Host
from job_messages import Raises
from job_process import Work
from nats_connection import Connection
from nats_secrets import warn_of_secrets
from nats_server import QueueError
from options import MAX_WORKERS, server_url, usable_cores, whole_number
from workloads import print_note

_entered: Work | None = None


def worker_entry(
    function: Callable[[Any], Any],
    *,
    raises: Raises | None = None,
    check: Callable[[Any], object] | None = None,
    version: str = "",
) -> None:
    """Say which function workers have. Be one, and never return, if the command line says
    `--worker`.

    `raises` is the class of the errors that are sent as results: as `Err`, and values as
    `Ok`. If the error is an enum in Rust, it has a class for the name of each variant.

    `check` raises an exception for an argument that workers are to refuse. Workers do only
    the jobs of their own `version`.

    SIGTERM or Ctrl-C lets a worker finish its jobs and end; a second one ends it
    immediately.
    """
    global _entered
    program = Path(sys.argv[0]).stem.replace("-", "_")
    name = f"{program}::{function.__name__}" + (f"#{version}" if version else "")
    _entered = Work(name, function, raises, check)
    if "--worker" in sys.argv[1:]:
        args = _parse(function.__name__)
        asyncio.run(_serve(_entered, args.server, args.max_workers))
        sys.exit(0)


def entered() -> Work:
    """What this program has called `worker_entry` with."""
    if not _entered:
        raise QueueError("call `worker_entry` before `JobQueue`")
    return _entered


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
        type=whole_number(MAX_WORKERS),
        default=usable_cores(),
        help="do N jobs at a time, each in a process of its own [default: one per "
        "usable core]",
    )
    return parser.parse_args()


async def _serve(work: Work, server: str, max_workers: int) -> None:
    warn_of_secrets(server)
    connection = Connection(server)
    await connection.open()
    host = Host(connection, work, max_workers)
    _stop_at_signals(host)
    print_note(
        f"worker for {work.name} at {connection}, for {max_workers} jobs at a time, "
        "until SIGTERM or Ctrl-C"
    )
    await host.work()
    await connection.close()


def _stop_at_signals(host: Host) -> None:
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def stop() -> None:
        host.stop()
        for number in signals:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    # Windows has no such handlers: a worker just ends there, and others do its jobs.
    with suppress(NotImplementedError):
        for number in signals:
            loop.add_signal_handler(number, stop)
