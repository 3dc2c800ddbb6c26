"""The worker on one machine: it pulls jobs, and has each done in a process.

In Rust: crates/job-queue/src/worker.rs
"""

from __future__ import annotations

import asyncio
import os
import platform
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
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
from job_process import Died, Process, count_of
from job_times import ACK_WAIT, PATIENCE, RUN_CHECK, RUN_TTL, pause_after
from nats_connection import LOST, MINUTE, AlreadyStored, Connection
from texts import printable
from workloads import Settings, print_note

if TYPE_CHECKING:
    from job_worker import Work

T = TypeVar("T")

# How long a request for jobs waits at the server, in seconds.
EXPIRES = 5.0


class Host:
    """Does jobs, `max_workers` at a time."""

    def __init__(self, connection: Connection, work: Work, max_workers: int) -> None:
        self.connection, self.client = connection, connection.client
        self.function, self.token = work, token(work.name)
        self.idle = [Process(work) for _ in range(max_workers)]
        self.runs: dict[str, Run] = {}
        # How many jobs the server has been asked for and has not sent.
        self.asked = 0
        self.jobs: set[asyncio.Task[None]] = set()
        self.is_stopped = False
        # Set when there is something to do for `pull`.
        self.has_changed = asyncio.Event()
        # Whether the requests are lost, so that they have to be made again.
        self.must_listen = False
        # How many processes have died in a row, and until when no job is taken.
        self.deaths = 0
        self.paused_until = 0.0
        # For the note of each minute.
        self.done_since_note = self.deaths_since_note = 0

    def stop(self) -> None:
        """Take no more jobs."""
        self.is_stopped = True
        self.has_changed.set()

    async def work(self) -> None:
        """Work until `stop`, and finish the jobs that have begun."""
        self.connection.on_reconnect.append(self.listen_again)
        beside = [
            asyncio.create_task(self.watch_runs()),
            asyncio.create_task(self.tell_that_it_works()),
            asyncio.create_task(self.report()),
        ]
        try:
            while not self.is_stopped:
                await self.pull()
            await asyncio.gather(*self.jobs)
        finally:
            for task in beside:
                task.cancel()
            for process in self.idle:
                process.kill()

    # Pulling

    async def pull(self) -> None:
        """Ask for jobs for the free slots, until the requests are lost."""
        make = partial(self.connection.make_consumer, self.token)
        await self.connection.persist(make, lambda: not self.is_stopped)
        self.asked, self.must_listen = 0, False
        try:
            inbox = self.client.new_inbox()
            subscription = await self.client.subscribe(
                inbox,
                cb=self.take,
                # The requests are the limit.
                pending_msgs_limit=0,
                pending_bytes_limit=0,
            )
            await self.ask_for_jobs(inbox)
            # Jobs that are on their way are given back.
            await _drain(subscription)
        except LOST:
            await asyncio.sleep(0.1)

    async def ask_for_jobs(self, inbox: str) -> None:
        subject = f"$JS.API.CONSUMER.MSG.NEXT.jobs.{self.token}"
        while not (self.is_stopped or self.must_listen):
            self.has_changed.clear()
            pause = self.paused_until - time.monotonic()
            free = len(self.idle) - self.asked
            if free > 0 and pause <= 0:
                request = f'{{"batch": {free}, "expires": {int(EXPIRES * 1e9)}}}'
                await self.client.publish(subject, request.encode(), reply=inbox)
                self.asked += free
            try:
                async with asyncio.timeout(pause if pause > 0 else EXPIRES + 2):
                    await self.has_changed.wait()
            except TimeoutError:
                # The server should have said that there was nothing.
                self.must_listen = pause <= 0 and self.asked > 0

    def listen_again(self) -> None:
        self.must_listen = True
        self.has_changed.set()

    async def take(self, message: Msg) -> None:
        """Take what the server sends: a job, or why there is none."""
        headers = message.headers or {}
        if "Status" in headers:
            unused = headers.get("Nats-Pending-Messages")
            if unused is None:
                # The consumer is lost, or busy.
                await asyncio.sleep(0.1)
                self.must_listen = True
            self.asked -= int(unused or 0)
        elif self.is_stopped or not self.idle:
            await message.nak()
        else:
            self.asked -= 1
            job = asyncio.create_task(self.do(Job(message), self.idle.pop()))
            self.jobs.add(job)
            job.add_done_callback(self.jobs.discard)
        self.has_changed.set()

    # Jobs

    async def do(self, job: Job, process: Process) -> None:
        """Do a job, and say again and again that it is being done."""
        progress = asyncio.create_task(job.progress())
        try:
            await self.do_in(job, process)
        except LOST as error:
            # Another worker gets it, or this one again.
            self.connection.trouble = str(error)
            with suppress(*LOST):
                await job.message.nak(delay=pause_after(1))
        finally:
            progress.cancel()
            self.idle.append(process)
            self.has_changed.set()

    async def do_in(self, job: Job, process: Process) -> None:
        run = self.runs.setdefault(job.run, Run(job.run))
        with _in(run.jobs, job):
            await run.look(self.connection)
            if run.has_ended:
                await job.message.ack()
            elif not run.settings:
                # It may be another version, or its key is about to come back.
                await job.message.nak(delay=ACK_WAIT)
            elif await self.has_result(job):
                await job.message.ack()
            else:
                await self.answer(job, run, process, run.settings)

    async def has_result(self, job: Job) -> bool:
        """Whether a job that another worker had has been done."""
        if job.message.metadata.num_delivered == 1:
            return False
        with suppress(NotFoundError):
            await self.connection.jetstream.get_last_msg("results", job.result_subject)
            return True
        return False

    async def answer(
        self, job: Job, run: Run, process: Process, its_settings: Settings
    ) -> None:
        """Do a job, store its answer, and acknowledge the job only then."""
        payload = job.message.data
        try:
            with _in(run.processes, process):
                async with asyncio.timeout(run.time_limit):
                    answer = await process.answer(payload, its_settings)
        except TimeoutError:
            process.kill()
            why = f"took longer than {run.time_limit:g} s"
            answer = all_failed(count_of(payload), why)
        except Died as death:
            # The job of an ended run is killed.
            if not run.has_ended:
                await self.give_back(job, run, str(death))
                return
            answer = b""
        self.deaths = 0
        most = self.client.max_payload
        if len(answer) > most:
            why = (
                f"its result takes {len(answer)} bytes, and the server takes no more "
                f"than {most}"
            )
            answer = all_failed(count_of(payload), why)
        await self.store(run, job.result_subject, answer)
        await job.message.ack()
        self.done_since_note += 1

    async def store(self, run: Run, subject: str, message: bytes) -> None:
        """Store a message for a run, and try again until that works or the run ends."""

        async def attempt() -> None:
            # Another worker was faster.
            with suppress(AlreadyStored):
                await self.connection.store(subject, message)

        await self.connection.persist(attempt, lambda: not run.has_ended)

    async def give_back(self, job: Job, run: Run, how: str) -> None:
        """Give back a job whose process has died, and say so to the submitter."""
        self.deaths += 1
        self.deaths_since_note += 1
        if self.deaths >= 2:
            pause = pause_after(self.deaths - 1)
            self.paused_until = time.monotonic() + pause
            if self.deaths >= 3:
                print_note(
                    f"{self.deaths} worker processes in a row have ended ({how}); the "
                    f"next job is taken in {pause:g} s"
                )
        host = f"process {os.getpid()} on {platform.node()}"
        subject = death_subject(job.run, job.number, secrets.token_hex(8))
        pause = pause_after(self.deaths)
        await self.store(run, subject, encode({"host": host, "how": how}))
        await job.message.nak(delay=pause)

    # Beside the jobs

    async def watch_runs(self) -> None:
        """Kill the jobs of runs that have ended, and forget runs without jobs."""
        while True:
            await asyncio.sleep(RUN_CHECK)
            for run in list(self.runs.values()):
                if run.jobs:
                    with suppress(*LOST):
                        await run.look(self.connection)
                elif run.age() > MINUTE:
                    del self.runs[run.id]
                if run.has_ended:
                    for process in list(run.processes):
                        process.kill()

    async def tell_that_it_works(self) -> None:
        while True:
            await asyncio.sleep(PATIENCE / 2)
            for run in list(self.runs.values()):
                if run.processes:
                    with suppress(*LOST):
                        await self.client.publish(working_subject(run.id))

    async def report(self) -> None:
        """Say once a minute what goes on, if anything does."""
        while True:
            await asyncio.sleep(MINUTE)
            runs = sum(bool(run.jobs) for run in self.runs.values())
            done, deaths = self.done_since_note, self.deaths_since_note
            if not (runs or done or deaths) or self.connection.is_own:
                continue
            self.done_since_note = self.deaths_since_note = 0
            queued = "?"
            with suppress(*LOST):
                queued = str((await self.connection.consumer(self.token)).num_pending)
            print_note(
                f"runs: {runs}, queued: {queued}, running: {len(self.jobs)}, "
                f"done: {done / MINUTE:.3g} a second, deaths: {deaths}"
            )


async def _drain(subscription: Subscription) -> None:
    """Take no more messages, but those that are on their way."""
    with suppress(*LOST):
        await subscription.drain()


@contextmanager
def _in(things: set[T], thing: T) -> Iterator[None]:
    """Have something in a set for a while."""
    things.add(thing)
    try:
        yield
    finally:
        things.discard(thing)


class Job:
    """A job that this host has."""

    def __init__(self, message: Msg) -> None:
        self.message = message
        _, _, self.run, number = message.subject.split(".")
        self.number = int(number)
        self.result_subject = result_subject(self.run, self.number)

    async def progress(self) -> None:
        """Keep the server from giving it to another worker."""
        while True:
            await asyncio.sleep(ACK_WAIT / 3)
            with suppress(*LOST):
                await self.message.in_progress()


class Run:
    """A run, as a worker sees it."""

    def __init__(self, id: str) -> None:
        self.id = id
        # Its jobs that this host has, and the processes that work on them.
        self.jobs: set[Job] = set()
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
            if self.age() < RUN_CHECK or self.has_ended:
                return
            try:
                entry = await connection.runs.get(self.id)
            except NotFoundError as error:
                # It has been deleted, or it has expired. The latter counts only if its
                # submitter had the time to put it again.
                is_deleted = getattr(error, "op", None) is not None
                is_long_ago = time.monotonic() - connection.since > RUN_TTL
                self.has_ended = is_deleted or is_long_ago
            else:
                self._read(entry.value or b"")
            self._looked = time.monotonic()

    def _read(self, key: bytes) -> None:
        if self.settings:
            return
        try:
            content: dict[str, Any] = decode(key)
            if (version := content["version"]) != VERSION:
                raise ValueError(
                    f"it speaks version {version} of the messages, and this program "
                    f"version {VERSION}"
                )
            self.time_limit = content["time_limit"]
            self.settings = Settings.from_message(content["settings"])
        except Exception as error:
            _note_once(f"the jobs of a program are left alone: {printable(str(error))}")


_noted: set[str] = set()


def _note_once(note: str) -> None:
    if note not in _noted:
        _noted.add(note)
        print_note(note)
