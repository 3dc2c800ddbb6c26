"""A run, seen from its submitter: jobs go to the server, and answers come back.

In Rust: crates/job-queue/src/submission.rs and window.rs
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

from nats.aio.msg import Msg
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError

from job_messages import (
    VERSION,
    all_failed,
    decode,
    encode,
    job_subject,
    result_subject,
    token,
    working_subject,
)
from job_times import LOST_JOB_CHECK, PATIENCE, RUN_CHECK
from nats_connection import LOST, Connection, cancel, results_of
from workloads import print_note, settings

# A job that has ended this many worker processes is given up.
MAX_DEATHS = 3

# How often to look at the queue while the window grows, and how often otherwise.
SOON = 0.01
TICK = 0.25

# How much work may always wait, in seconds.
AHEAD = 0.05


@dataclass
class Job:
    """A job without a result."""

    payload: bytes
    # Whether the server has it, and as which message of the stream.
    is_confirmed: bool = False
    sequence: int | None = None
    # By their ids, because a message may come twice.
    deaths: dict[str, str] = field(default_factory=dict)


class Run:
    """A run. All of this is called on the thread of its event loop."""

    def __init__(
        self,
        connection: Connection,
        function: str,
        *,
        window: Window,
        time_limit: float | None,
        wait: float | None,
        deliver: Callable[[int, bytes], None],
        why_broken: Callable[[], str | None],
    ) -> None:
        """`deliver` is called with the number and the answer of each job, once;
        `why_broken` says why no more results can come, if there is a reason.
        """
        self.function = function
        self.token = token(function)
        self.id = secrets.token_hex(12)
        self._connection = connection
        self._window = window
        self._wait = wait
        self._deliver = deliver
        self._why_broken = why_broken
        self._key = encode(
            {
                "version": VERSION,
                "function": function,
                "settings": settings.to_message(),
                "time_limit": time_limit,
            }
        )
        self._open: dict[int, Job] = {}
        # The jobs for which the window has no room.
        self._held_back: deque[int] = deque()
        self._has_begun = False
        self._is_complete = False
        # Why no more jobs are sent, if the run has been given up.
        self._given_up: str | None = None
        # Whether something has been heard of a worker since the last look.
        self._is_alive = False
        self._is_too_narrow = asyncio.Event()
        self._must_check = asyncio.Event()
        self._is_done = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        # What a task has raised, which none of them should.
        self._bug: BaseException | None = None

    # What the caller does

    def add(self, number: int, payload: bytes) -> None:
        """Take a job."""
        self._open[number] = Job(payload)
        limit = self._connection.client.max_payload
        if self._given_up:
            self._fail(number, self._given_up)
        elif len(payload) > limit:
            self._fail(number, f"the server takes no job of more than {limit} bytes")
        else:
            self._held_back.append(number)
            self._send()

    def complete(self) -> None:
        """Say that no more jobs come."""
        self._is_complete = True
        self._check_whether_done()

    def end(self) -> None:
        """End the run, early if it has jobs without results."""
        self._is_done.set()

    async def work(self) -> None:
        """Work until all jobs have their results, or until `end`."""
        client = self._connection.client
        inbox = client.new_inbox()
        # The limit is that of the consumer.
        results = await client.subscribe(
            inbox, cb=self._read, pending_msgs_limit=0, pending_bytes_limit=0
        )
        working = await client.subscribe(working_subject(self.id), cb=self._hear)
        self._results = results_of(self.id, inbox)
        self._connection.on_reconnect.append(self._must_check.set)
        self._start(self._keep_up())
        self._start(self._adapt())
        self._start(self._watch())
        await self._is_done.wait()
        self._connection.on_reconnect.remove(self._must_check.set)
        await cancel(self._tasks.copy())
        if client.is_connected:
            with suppress(*LOST):
                await working.unsubscribe()
                await results.unsubscribe()
                await self._connection.end_run(self.token, self.id)
        if self._bug:
            raise self._bug

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._take_task)

    def _take_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()):
            self._bug = bug
            self._is_done.set()

    # Jobs

    def _send(self) -> None:
        """Send as many jobs as the window has room for."""
        if not self._has_begun:
            return
        while self._held_back and self._has_room():
            number = self._held_back.popleft()
            # It may have failed in the meantime.
            if number in self._open:
                self._start(self._publish(number))
        if self._held_back:
            self._is_too_narrow.set()
        else:
            self._is_too_narrow.clear()

    def _has_room(self) -> bool:
        return len(self._open) - len(self._held_back) < self._window.size

    async def _publish(self, number: int) -> None:
        """Send a job, and try again until the server has it."""
        if not (job := self._open.get(number)):
            return
        job.is_confirmed = False
        job.sequence = None
        subject = job_subject(self.token, self.id, number)

        # If it is there already, its number is not known.
        job.sequence = await self._connection.persist(
            partial(self._connection.store, subject, job.payload),
            lambda: number in self._open,
        )
        job.is_confirmed = True

    def _settle(self, number: int, answer: bytes) -> None:
        """Take the answer to a job; only the first one counts."""
        if self._open.pop(number, None):
            self._deliver(number, answer)
            self._send()
            self._check_whether_done()

    def _fail(self, number: int, why: str) -> None:
        self._settle(number, all_failed(why))

    def _check_whether_done(self) -> None:
        if self._is_complete and not self._open:
            self._is_done.set()

    async def _adapt(self) -> None:
        """Adapt the window to the queue while it holds jobs back."""
        while True:
            await self._is_too_narrow.wait()
            is_growing = False
            with suppress(*LOST):
                consumer = await self._connection.consumer(self.token)
                is_growing = self._window.adapt(consumer)
            self._send()
            await asyncio.sleep(SOON if is_growing else TICK)

    # Results

    async def _read(self, message: Msg) -> None:
        """Take a message of the stream `results`; to acknowledge it deletes it there."""
        await self._hear(message)
        _, _, number, *death = message.subject.split(".")
        if number.isdecimal() and death:
            self._count_death(int(number), death[0], message.data)
        elif number.isdecimal():
            self._settle(int(number), message.data)
        # If that fails, it comes once more.
        with suppress(*LOST):
            await message.ack()

    def _count_death(self, number: int, id: str, message: bytes) -> None:
        job = self._open.get(number)
        if not job or id in job.deaths:
            return
        try:
            content = decode(message)
            job.deaths[id] = f"{content['how']} on {content['host']}"
        except Exception:
            # It comes from another program, and may be anything.
            return
        if len(job.deaths) == MAX_DEATHS:
            self._start(self._give_up_job(number, list(job.deaths.values())))

    async def _give_up_job(self, number: int, deaths: list[str]) -> None:
        """Fail a job that ends its workers, for all that may still have it."""
        counts = sorted(Counter(deaths).items())
        each = ", ".join(f"{count} × {how}" for how, count in counts)
        answer = all_failed(
            f"{len(deaths)} worker processes died while they had it: {each}"
        )

        async def attempt() -> None:
            # If there is an answer in the meantime, that counts.
            await self._connection.store(result_subject(self.id, number), answer)
            job = job_subject(self.token, self.id, number)
            await self._connection.delete("jobs", job)

        await self._connection.persist(attempt)

    # Lost jobs

    async def _keep_up(self) -> None:
        """Say that the run goes on, and look for lost jobs; also after each reconnect."""
        while True:
            # Before jobs are sent again: workers do none of a run without a key.
            await self._connection.persist(self._renew)
            self._has_begun = True
            self._send()
            with suppress(*LOST):
                await self._check()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOST_JOB_CHECK):
                    await self._must_check.wait()
            self._must_check.clear()

    async def _renew(self) -> None:
        """Make what is missing at the server. Workers make the consumer of the jobs."""
        await self._connection.make_streams()
        await self._connection.make_consumer("results", self._results)
        await self._connection.put_key(self.id, self._key)

    async def _check(self) -> None:
        """Look for jobs that the server had and has no more."""
        confirmed = {n: job for n, job in self._open.items() if job.is_confirmed}
        if not confirmed:
            return
        # In this order: an answer is stored before its job is acknowledged.
        acknowledged = await self._acknowledged()
        jobs = job_subject(self.token, self.id, "*")
        queued = await self._connection.subjects("jobs", jobs)
        results = result_subject(self.id, "*")
        answered = await self._connection.subjects("results", results)
        for number, job in confirmed.items():
            if (subject := result_subject(self.id, number)) in answered:
                # It may never come by itself.
                jetstream = self._connection.jetstream
                message = await jetstream.get_last_msg("results", subject)
                self._settle(number, message.data or b"")
            elif job_subject(self.token, self.id, number) not in queued:
                self._start(self._publish(number))
            elif job.sequence and job.sequence <= acknowledged:
                # It is there, but its consumer skips it: see `Connection.delete`.
                await self._connection.jetstream.delete_msg("jobs", job.sequence)
                self._start(self._publish(number))

    async def _acknowledged(self) -> float:
        """Up to which number in their stream all jobs have been acknowledged, as the
        consumer of the function believes.
        """
        try:
            consumer = await self._connection.consumer(self.token)
        except NotFoundError:
            return 0  # No worker has been there.
        if not consumer.num_pending and not consumer.num_ack_pending:
            return inf
        return consumer.ack_floor.stream_seq if consumer.ack_floor else 0

    # Workers

    async def _hear(self, _: Msg) -> None:
        self._is_alive = True
        self._connection.trouble = None

    async def _watch(self) -> None:
        """Say that there is no worker, and give up after `--wait`."""
        # A worker says this often that it is there.
        wait = self._wait and max(self._wait, 2 * RUN_CHECK)
        # In ticks, because a suspended program has not waited.
        idle = 0.0
        has_advised = self._connection.is_own
        while True:
            tick = min(TICK, PATIENCE / 10)
            await asyncio.sleep(tick)
            idle = 0.0 if self._is_alive or not self._open else idle + tick
            self._is_alive = False
            if why := self._why_broken():
                self._give_up(why)
            if wait and idle >= wait:
                self._give_up(self._why_nothing_came())
            if idle >= PATIENCE and not has_advised:
                has_advised = await self._advise()

    def _why_nothing_came(self) -> str:
        if trouble := self._connection.trouble:
            return f"nothing came within {self._wait:g} s (--wait): {trouble}"
        return f"no worker took it within {self._wait:g} s (--wait)"

    async def _advise(self) -> bool:
        """Say how to start a worker, unless there is one. Returns whether it did."""
        try:
            consumer = await self._connection.consumer(self.token)
            if consumer.num_ack_pending or consumer.num_waiting:
                return False
        except NotFoundError:
            pass  # No worker has ever been there.
        except LOST:
            return False
        print_note(
            f"no worker takes a job of {self.function}; start one, on any machine: "
            f"{Path(sys.argv[0]).name} --worker --server {self._connection}"
        )
        return True

    def _give_up(self, why: str) -> None:
        """Fail all jobs, those to come as well."""
        self._given_up = why
        for number in list(self._open):
            self._fail(number, why)


# The window


class Window:
    """How many jobs of a run may wait or run at the server.

    All runs of a function wait in one queue. If each keeps only about as many jobs
    waiting there as are running, a small run beside a huge one soon has its turn.
    """

    def __init__(self, size: int, limit: int) -> None:
        self.size = min(size, limit)
        self._limit = limit
        # When the queue was looked at last, and how many jobs workers had done until then.
        self._looked: float | None = None
        self._done = 0

    def adapt(self, consumer: ConsumerInfo) -> bool:
        """Adapt to the queue of a function, as its consumer sees it. Returns whether it
        is worth while to look again soon.
        """
        waiting = consumer.num_pending or 0
        running = consumer.num_ack_pending or 0
        delivered = consumer.delivered.consumer_seq if consumer.delivered else 0
        # If jobs are short, more have to wait, or workers run out of them.
        short = int(self._done_per_second(delivered - running) * AHEAD)
        enough = max(running, short, 1)
        if waiting == 0:
            self.size *= 2
        elif waiting <= enough // 2:
            self.size += -(-enough // 8)
        elif waiting > enough:
            self.size -= self.size // 4
        self.size = min(max(self.size, 1), self._limit)
        return waiting == 0 and self.size < self._limit

    def _done_per_second(self, done: int) -> float:
        now = time.monotonic()
        per_second = 0.0
        if self._looked:
            per_second = max(done - self._done, 0) / (now - self._looked)
        self._looked = now
        self._done = done
        return per_second
