"""The host of the processes of a worker: it fetches jobs, has each of them done, stores
the answers, and acknowledges the jobs.

In Rust: crates/job-queue/src/host.rs and runs.rs
"""

from __future__ import annotations

import asyncio
import os
import platform
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from nats.aio.msg import Msg
from nats.js import JetStreamContext
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
    Connection,
    RunEnded,
    cancel,
    jobs_of,
    words,
)
from texts import printable
from workloads import Settings

# How long a request for a job waits at the server, in seconds. After an outage the next
# one comes no later than this.
EXPIRES = 5.0

# How long a host that ends waits for jobs which are on their way to it, in seconds.
GIVE_BACK = 0.1

# A host backs off after this many deaths in a row.
PAUSE_FROM = 2

# A run is forgotten when there was no job of it for this many checks.
UNUSED = 5

# A key that is not there for this many checks is missing: in a cluster, one server may not
# have heard of a new one yet.
MISSING = 3


class Host:
    """Does jobs, `max_workers` at a time."""

    def __init__(self, connection: Connection, work: Work, max_workers: int) -> None:
        self._connection = connection
        self._consumer = jobs_of(token(work.name))
        self._has_consumer = False
        self._processes = [Process(work) for _ in range(max_workers)]
        self._stop = asyncio.get_running_loop().create_future()
        self._runs: dict[str, Run] = {}
        # How many processes have died in a row, and until when no job is asked for.
        self._deaths = 0
        self._paused_until = 0.0

    def stop(self) -> None:
        """Take no more jobs."""
        self._stop.set_result(None)

    async def work(self) -> None:
        """Work until `stop`, and finish the jobs that have begun."""
        watching = asyncio.create_task(self._watch_runs())
        try:
            await asyncio.gather(*map(self._do_jobs, self._processes))
        finally:
            watching.cancel()
            for process in self._processes:
                process.kill()

    # To fetch jobs

    async def _do_jobs(self, process: Process) -> None:
        """Do one job after the other, until `stop`."""
        # Each process has a subscription and fetches one job: no job is here that waits.
        jobs = await self._connection.jetstream.pull_subscribe_bind(
            self._consumer.durable_name, "jobs"
        )
        while message := await self._next(jobs):
            await self._do(message, process)
        with suppress(*LOST):
            await jobs.unsubscribe()

    async def _next(self, jobs: JetStreamContext.PullSubscription) -> Msg | None:
        """Wait for a job; `None` after `stop`."""
        if self._stop.done():
            return None
        fetching = asyncio.create_task(self._fetch(jobs))
        await asyncio.wait({fetching, self._stop}, return_when=asyncio.FIRST_COMPLETED)
        if not self._stop.done():
            return fetching.result()
        # A job may be on its way.
        await asyncio.wait({fetching}, timeout=GIVE_BACK)
        await cancel({fetching})
        if not fetching.cancelled():
            with suppress(*LOST):
                await fetching.result().nak()
        return None

    async def _fetch(self, jobs: JetStreamContext.PullSubscription) -> Msg:
        """Ask for a job, until there is one."""
        while True:
            # Requests in an outage would all reach the server after it.
            if not (self._has_consumer and self._connection.client.is_connected):
                await self._connection.persist(self._make_consumer)
            while (pause := self._paused_until - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            try:
                [message] = await jobs.fetch(1, EXPIRES)
                return message
            except LOST:
                # There is no job, or no consumer: then the server does not answer.
                self._has_consumer = False

    async def _make_consumer(self) -> None:
        await self._connection.make_consumer("jobs", self._consumer)
        self._has_consumer = True

    # To do them

    async def _do(self, message: Msg, process: Process) -> None:
        """Do a job, and tell the server again and again that it is being done."""
        _, _, run, number = message.subject.split(".")
        job = Job(message, self._runs.setdefault(run, Run(run)), number)
        progress = asyncio.create_task(_report_progress(message))
        job.run.jobs += 1
        try:
            await self._try(job, process)
        except LOST as error:
            # Another worker gets it, or this one again.
            self._connection.trouble = words(error)
            with suppress(*LOST):
                await message.nak(delay=PAUSE)
        finally:
            job.run.jobs -= 1
            progress.cancel()

    async def _try(self, job: Job, process: Process) -> None:
        await job.run.look(self._connection)
        if job.run.has_ended:
            await job.message.ack()
        elif not job.run.settings:
            # It may be another version, or its key is about to come back.
            await job.message.nak(delay=ACK_WAIT)
        elif job.deliveries > 1 and await self._has_result(job):
            await job.message.ack()
        else:
            await self._answer(job, process, job.run.settings)

    async def _has_result(self, job: Job) -> bool:
        """Whether another worker has done a job, and could not say so any more."""
        with suppress(NotFoundError):
            await self._connection.jetstream.get_last_msg("results", job.result)
            return True
        return False

    async def _answer(self, job: Job, process: Process, its_settings: Settings) -> None:
        """Do a job, store its answer, and acknowledge the job only then."""
        job.run.processes.add(process)
        try:
            async with asyncio.timeout(job.run.time_limit):
                answer = await process.answer(job.message.data, its_settings)
        except TimeoutError:
            process.kill()
            answer = all_failed(f"it took longer than {job.run.time_limit:g} s")
        except Died as death:
            if job.run.has_ended:
                # It was killed.
                await job.message.ack()
            else:
                await self._give_back(job, str(death))
            return
        finally:
            job.run.processes.discard(process)
        self._deaths = 0
        limit = self._connection.client.max_payload
        if len(answer) > limit:
            answer = all_failed(
                f"its result takes {len(answer)} bytes, and the server takes no more "
                f"than {limit}"
            )
        await self._store(job.run, job.result, answer)
        await job.message.ack()

    async def _store(self, run: Run, subject: str, message: bytes) -> None:
        """Store a message for a run, and try again until that works or the run ends."""
        await self._connection.persist(
            partial(self._connection.store, subject, message),
            lambda: not run.has_ended,
        )

    async def _give_back(self, job: Job, how: str) -> None:
        """Give back a job after its process died, and report the death."""
        self._pause_after_death(how)
        host = f"{platform.node()} (process {os.getpid()})"
        subject = death_subject(job.run.id, job.number, secrets.token_hex(8))
        await self._store(job.run, subject, encode({"host": host, "how": how}))
        await job.message.nak(delay=_pause_after(job.deliveries))

    def _pause_after_death(self, how: str) -> None:
        """A machine on which every process dies, whatever its job, must not take all."""
        self._deaths += 1
        if self._deaths < PAUSE_FROM:
            return
        pause = _pause_after(self._deaths + 1 - PAUSE_FROM)
        self._paused_until = time.monotonic() + pause
        self._connection.note(
            f"{self._deaths} worker processes in a row have ended ({how}); the next job "
            f"is taken in {pause:g} s"
        )

    # To look after their runs

    async def _watch_runs(self) -> None:
        while True:
            await asyncio.sleep(RUN_CHECK)
            for run in list(self._runs.values()):
                with suppress(*LOST):
                    await self._watch(run)

    async def _watch(self, run: Run) -> None:
        """Say that this host works for a run; or kill its jobs if it has ended."""
        await run.look(self._connection)
        if run.has_ended:
            for process in list(run.processes):
                process.kill()
        elif run.processes:
            await self._connection.client.publish(working_subject(run.id))
        run.unused = 0 if run.jobs else run.unused + 1
        if run.is_deleted and not run.jobs:
            # This host may have stored some after the end.
            await self._connection.delete_results(run.id)
        if not run.jobs and (run.is_deleted or run.unused > UNUSED):
            del self._runs[run.id]


@dataclass
class Job:
    """A job that this host has."""

    message: Msg
    run: Run
    number: str

    @property
    def result(self) -> str:
        """The subject of its answer."""
        return result_subject(self.run.id, self.number)

    @property
    def deliveries(self) -> int:
        """How often hosts have been given it."""
        return self.message.metadata.num_delivered


class Run:
    """A run, as a host sees it."""

    def __init__(self, id: str) -> None:
        self.id = id
        # How many of its jobs this host has, and for how many checks it had none.
        self.jobs = 0
        self.unused = 0
        # The processes that do them.
        self.processes: set[Process] = set()
        # None as long as its key has not been read.
        self.settings: Settings | None = None
        self.time_limit: float | None = None
        # It has ended for certain; or its key may have expired, because its submitter was
        # suspended or cut off for a long time.
        self.is_deleted = False
        self.has_expired = False
        self._missing = 0
        self._looked = float("-inf")
        self._lock = asyncio.Lock()

    @property
    def has_ended(self) -> bool:
        return self.is_deleted or self.has_expired

    async def look(self, connection: Connection) -> None:
        """Ask the server for its key, unless that was just done."""
        async with self._lock:
            is_fresh = time.monotonic() - self._looked < RUN_CHECK
            # A submitter that comes back puts the key of its run, and then publishes jobs.
            if self.is_deleted or (is_fresh and not self.has_expired):
                return
            try:
                key = await connection.key(self.id)
            except RunEnded:
                self.is_deleted = True
                return
            self._looked = time.monotonic()
            if key is None:
                self._missing += 1
                # A submitter had the time to put it again.
                is_late = connection.has_lasted(RUN_TTL)
                self.has_expired = self._missing >= MISSING and is_late
            else:
                self._missing = 0
                self.has_expired = False
                self._read(key, connection)

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
