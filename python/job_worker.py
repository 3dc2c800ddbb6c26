"""How a page becomes a worker, and the host of its processes: it pulls jobs, has each of
them done, stores the answers, and acknowledges the jobs.

In Rust: crates/job-queue/src/entry.rs, host.rs and runs.rs
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import secrets
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

from job_messages import (
    VERSION,
    all_failed,
    death_subject,
    decode,
    encode,
    result_subject,
    token,
    working_subject,
)
from job_process import Died, Process, Work
from job_times import ACK_WAIT, PAUSE, RUN_CHECK, RUN_TTL
from nats_connection import (
    LOST,
    MINUTE,
    AlreadyStored,
    Connection,
    Pull,
    jobs_of,
    warn_of_secrets,
)
from nats_server import QueueError
from options import positive_integer, server_url, usable_cores
from texts import printable
from workloads import Settings, print_note

# From so many deaths in a row on, a host waits before it takes the next job; and from so
# many on, it says so.
PAUSE_FROM = 2
NOTE_FROM = 3

_entered: Work | None = None


def worker_entry(
    function: Callable[[Any], Any],
    *,
    raises: type[Exception] | None = None,
    check: Callable[[Any], object] | None = None,
    version: str = "",
) -> None:
    """Say which function workers have. Be one, and never return, if the command line says
    `--worker`.

    `raises` is the class of the errors that are sent as results: as `Err`, and values as
    `Ok`. `check` raises an exception for an argument that workers are to refuse. Workers
    do only the jobs of their own `version`.

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
        type=positive_integer,
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


class Host:
    """Does jobs, `max_workers` at a time."""

    def __init__(self, connection: Connection, work: Work, max_workers: int) -> None:
        self._connection = connection
        self._processes = [Process(work) for _ in range(max_workers)]
        self._idle = list(self._processes)
        self._pull = Pull(
            connection, "jobs", jobs_of(token(work.name)), self._room, self._take
        )
        self._is_stopped = False
        self._runs: dict[str, Run] = {}
        self._jobs: set[asyncio.Task[None]] = set()
        # How many processes have died in a row, and until when no job is asked for.
        self._deaths = 0
        self._paused_until = 0.0

    def stop(self) -> None:
        """Take no more jobs."""
        self._is_stopped = True
        self._pull.stop()

    async def work(self) -> None:
        """Work until `stop`, and finish the jobs that have begun."""
        watching = asyncio.create_task(self._watch_runs())
        try:
            await self._pull.work()
            await asyncio.gather(*self._jobs)
        finally:
            watching.cancel()
            for process in self._processes:
                process.kill()

    def _room(self) -> int:
        is_paused = time.monotonic() < self._paused_until
        return 0 if is_paused else len(self._idle)

    async def _take(self, message: Msg) -> None:
        if self._is_stopped or not self._idle:
            await message.nak()
            return
        job = asyncio.create_task(self._do(message, self._idle.pop()))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _do(self, message: Msg, process: Process) -> None:
        """Do a job, and tell the server again and again that it is being done."""
        progress = asyncio.create_task(_report_progress(message))
        _, _, run, number = message.subject.split(".")
        its_run = self._runs.setdefault(run, Run(run))
        its_run.jobs += 1
        try:
            await self._do_for(its_run, number, message, process)
        except LOST as error:
            # Another worker gets it, or this one again.
            self._connection.trouble = str(error)
            with suppress(*LOST):
                await message.nak(delay=PAUSE)
        finally:
            its_run.jobs -= 1
            progress.cancel()
            self._idle.append(process)
            self._pull.look_again()

    async def _do_for(
        self, run: Run, number: str, message: Msg, process: Process
    ) -> None:
        await run.look(self._connection)
        if run.has_ended:
            await message.ack()
        elif not run.settings:
            # It may be another version, or its key is about to come back.
            await message.nak(delay=ACK_WAIT)
        elif message.metadata.num_delivered > 1 and await self._has_result(run, number):
            await message.ack()
        else:
            await self._answer(run, number, message, process, run.settings)

    async def _has_result(self, run: Run, number: str) -> bool:
        """Whether another worker has done a job, and could not say so any more."""
        with suppress(NotFoundError):
            subject = result_subject(run.id, number)
            await self._connection.jetstream.get_last_msg("results", subject)
            return True
        return False

    async def _answer(
        self,
        run: Run,
        number: str,
        message: Msg,
        process: Process,
        its_settings: Settings,
    ) -> None:
        """Do a job, store its answer, and acknowledge the job only then."""
        run.processes.add(process)
        try:
            async with asyncio.timeout(run.time_limit):
                answer = await process.answer(message.data, its_settings)
        except TimeoutError:
            process.kill()
            answer = all_failed(f"it took longer than {run.time_limit:g} s")
        except Died as death:
            if run.has_ended:
                # It was killed.
                await message.ack()
            else:
                await self._give_back(run, number, message, str(death))
            return
        finally:
            run.processes.discard(process)
        self._deaths = 0
        most = self._connection.client.max_payload
        if len(answer) > most:
            answer = all_failed(
                f"its result takes {len(answer)} bytes, and the server takes no more "
                f"than {most}"
            )
        await self._store(run, result_subject(run.id, number), answer)
        await message.ack()

    async def _store(self, run: Run, subject: str, message: bytes) -> None:
        """Store a message for a run, and try again until that works or the run ends."""

        async def attempt() -> None:
            # Another worker was faster.
            with suppress(AlreadyStored):
                await self._connection.store(subject, message)

        await self._connection.persist(attempt, lambda: not run.has_ended)

    async def _give_back(self, run: Run, number: str, message: Msg, how: str) -> None:
        """Give back a job whose process has died, and say so to the submitter."""
        self._pause_after_death(how)
        host = f"{platform.node()} (process {os.getpid()})"
        subject = death_subject(run.id, number, secrets.token_hex(8))
        await self._store(run, subject, encode({"host": host, "how": how}))
        await message.nak(delay=_pause_after(message.metadata.num_delivered))

    def _pause_after_death(self, how: str) -> None:
        """A machine on which every process dies, whatever its job, must not take all."""
        self._deaths += 1
        if self._deaths < PAUSE_FROM:
            return
        pause = _pause_after(self._deaths + 1 - PAUSE_FROM)
        self._paused_until = time.monotonic() + pause
        asyncio.get_running_loop().call_later(pause, self._pull.look_again)
        if self._deaths >= NOTE_FROM:
            self._connection.note(
                f"{self._deaths} worker processes in a row have ended ({how}); the "
                f"next job is taken in {pause:g} s"
            )

    async def _watch_runs(self) -> None:
        """Kill the jobs of runs that have ended, and say to the others that they go on."""
        while True:
            await asyncio.sleep(RUN_CHECK)
            for run in list(self._runs.values()):
                with suppress(*LOST):
                    await self._watch(run)

    async def _watch(self, run: Run) -> None:
        if run.jobs:
            await run.look(self._connection)
        elif run.age() > MINUTE:
            del self._runs[run.id]
        if run.has_ended:
            for process in list(run.processes):
                process.kill()
        elif run.processes:
            await self._connection.client.publish(working_subject(run.id))


class Run:
    """A run, as a worker sees it."""

    def __init__(self, id: str) -> None:
        self.id = id
        # How many of its jobs this host has, and the processes that work on them.
        self.jobs = 0
        self.processes: set[Process] = set()
        # None as long as its key has not been read.
        self.settings: Settings | None = None
        self.time_limit: float | None = None
        self.has_ended = False
        self._looked = float("-inf")
        self._lock = asyncio.Lock()

    def age(self) -> float:
        """How long ago the server was asked for its key, in seconds."""
        return time.monotonic() - self._looked

    async def look(self, connection: Connection) -> None:
        """Ask the server for its key, unless that was just done."""
        async with self._lock:
            if self.age() < RUN_CHECK:
                return
            try:
                entry = await connection.runs.get(self.id)
            except NotFoundError as error:
                # It has been deleted, or it has expired. The latter counts only if its
                # submitter had the time to put it again.
                is_deleted = getattr(error, "op", None) is not None
                self.has_ended = is_deleted or connection.has_lasted(RUN_TTL)
            else:
                self.has_ended = False
                self._read(entry.value or b"", connection)
            self._looked = time.monotonic()

    def _read(self, key: bytes, connection: Connection) -> None:
        if self.settings:
            return
        try:
            content = decode(key)
            if (version := content["version"]) != VERSION:
                raise ValueError(
                    f"it speaks version {version} of the messages, and this program "
                    f"version {VERSION}"
                )
            self.time_limit = content["time_limit"]
            self.settings = Settings.from_message(content["settings"] or {})
        except Exception as error:
            why = printable(str(error))
            connection.note(f"the jobs of a run are left alone: {why}")


async def _report_progress(message: Msg) -> None:
    while True:
        await asyncio.sleep(ACK_WAIT / 3)
        with suppress(*LOST):
            await message.in_progress()


def _pause_after(deaths: int) -> float:
    """The pause after the last of `deaths`, counted from 1 on."""
    return PAUSE * min(2 ** min(deaths - 1, 6), 60)
