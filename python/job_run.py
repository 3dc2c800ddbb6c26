"""A run, seen from its submitter: jobs go to the server, and answers come back.

In Rust: crates/job-queue/src/submitter.rs
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig

from job_messages import (
    VERSION,
    all_failed,
    decode,
    encode,
    job_subject,
    name_in,
    result_subject,
    token,
    working_subject,
)
from job_times import LOST_JOB_CHECK, PATIENCE, RUN_TTL
from job_window import Queue, Window
from nats_connection import LOST, AlreadyStored, Connection
from texts import printable
from workloads import print_note

# A job is given up after this many deaths of its workers.
MOST_DEATHS = 3

# How many results to ask the server for, and how long the server may look for them.
BATCH = 256
EXPIRES = 5.0

# Results are removed from the server as often as this, or once a second.
MANY_RESULTS = 4096

# How long the server keeps a consumer that nothing asks.
INACTIVE = 300.0


@dataclass
class Job:
    """A job without a result."""

    payload: bytes
    # How many arguments it has.
    count: int
    # When the server has said that it has it, and as which message of the stream.
    confirmed: float | None = None
    sequence: int | None = None
    deaths: dict[str, str] = field(default_factory=dict)


class Run:
    """A run. All of this is called on the thread of its event loop."""

    def __init__(
        self,
        connection: Connection,
        name: str,
        description: dict[str, Any],
        *,
        window: Window,
        wait: float | None,
        has_own_workers: bool,
        why_over: Callable[[], str | None],
    ) -> None:
        """`why_over` says why no more results can come, if there is a reason."""
        self.connection, self.jetstream = connection, connection.jetstream
        self.name, self.token, self.id = name, token(name), secrets.token_hex(11)
        self.key = encode({"version": VERSION, "function": name} | description)
        self.window, self.wait = window, wait
        self.has_own_workers, self.why_over = has_own_workers, why_over
        # Called with the number and the answer of each job, once.
        self.deliver: Callable[[int, bytes], None]
        self.open: dict[int, Job] = {}
        # Jobs for which the window has no room, and those that are at the server.
        self.held_back: deque[int] = deque()
        self.at_server: set[int] = set()
        self.is_begun = False
        self.is_complete = False
        # Why no more jobs are sent, if the run has been given up.
        self.given_up: str | None = None
        # The last message that was seen in the stream of the results, and purged.
        self.seen = self.purged = 0
        # Whether something has been heard of a worker since the last look.
        self.is_alive = self.was_lost = False
        self.is_held_back = asyncio.Event()
        self.must_renew = asyncio.Event()
        self.is_done = asyncio.Event()
        self.messages: asyncio.Queue[Msg | None] = asyncio.Queue()
        self.tasks: set[asyncio.Task[None]] = set()
        # What a task has raised, which none of them should.
        self.bug: BaseException | None = None

    # What the caller does

    def add(self, number: int, payload: bytes, count: int) -> None:
        """Take a job."""
        self.open[number] = Job(payload, count)
        most = self.connection.client.max_payload
        if self.given_up:
            self.fail(number, self.given_up)
        elif len(payload) > most:
            self.fail(number, f"the server takes no job of more than {most} bytes")
        else:
            self.held_back.append(number)
            self.send()

    def complete(self) -> None:
        """Say that no more jobs come."""
        self.is_complete = True
        self.check_whether_done()

    def give_up(self, why: str) -> None:
        """Fail all jobs, those to come as well."""
        self.given_up = why
        for number in list(self.open):
            self.fail(number, why)

    async def work(self) -> None:
        """Work until all jobs have their results, or `is_done` is set."""
        working = working_subject(self.id)
        subscription = await self.connection.client.subscribe(working, cb=self.hear)
        self.connection.on_reconnect.append(self.reconnected)
        self.start(self.begin())
        self.start(self.collect())
        self.start(self.renew())
        self.start(self.adapt())
        self.start(self.purge())
        self.start(self.check_lost())
        self.start(self.watch())
        await self.is_done.wait()
        self.connection.on_reconnect.remove(self.reconnected)
        await cancel(list(self.tasks))
        with suppress(*LOST):
            await subscription.unsubscribe()
        if self.bug:
            raise self.bug

    async def tidy_up(self) -> bool:
        """End the run at the server. Returns whether nothing of it is left."""
        if not self.connection.client.is_connected:
            return False
        with suppress(*LOST):
            await self.connection.end_run(self.id)
            # Some are left if the run has ended early.
            if self.open or self.given_up:
                await self.connection.remove_jobs(self.token, self.id)
            return True
        return False

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.check_task)

    def check_task(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()):
            self.bug = bug
            self.is_done.set()

    # Jobs

    async def begin(self) -> None:
        """Put the key of the run, and then the jobs."""
        await self.connection.persist(self.put_key)
        make = partial(self.connection.make_consumer, self.token)
        await self.connection.persist(make)
        self.is_begun = True
        self.send()

    def send(self) -> None:
        """Send as many jobs as the window has room for."""
        while self.is_begun and self.held_back and self.has_room():
            number = self.held_back.popleft()
            # It may have failed meanwhile.
            if number in self.open:
                self.at_server.add(number)
                self.start(self.publish(number))
        if self.held_back and not self.has_room():
            self.is_held_back.set()
        else:
            self.is_held_back.clear()

    def has_room(self) -> bool:
        return len(self.at_server) < self.window.size

    async def publish(self, number: int) -> None:
        """Send a job, and try again until the server has it."""
        job = self.open.get(number)
        if not job:
            return
        job.confirmed = None
        subject = job_subject(self.token, self.id, number)

        async def attempt() -> None:
            try:
                job.sequence = await self.connection.store(subject, job.payload)
            except AlreadyStored:
                job.sequence = await self.connection.sequence_of_job(subject)

        await self.connection.persist(attempt, lambda: number in self.open)
        job.confirmed = time.monotonic()

    def settle(self, number: int, answer: bytes) -> None:
        """Take the answer to a job; only the first one counts."""
        if self.open.pop(number, None):
            self.at_server.discard(number)
            self.deliver(number, answer)
            self.send()
            self.check_whether_done()

    def fail(self, number: int, why: str) -> None:
        self.settle(number, all_failed(self.open[number].count, why))

    def check_whether_done(self) -> None:
        if self.is_complete and not self.open:
            self.is_done.set()

    # Results

    async def collect(self) -> None:
        """Read the results, from the first one again after every trouble."""
        while True:
            if consumer := await self.connection.persist(self.make_reader):
                with suppress(*LOST):
                    await self.read(consumer)
            await asyncio.sleep(0.01)

    async def make_reader(self) -> str:
        """Make a consumer that begins with the first result. Returns its name."""
        config = ConsumerConfig(
            filter_subject=result_subject(self.id, ">"),
            ack_policy=AckPolicy.NONE,
            inactive_threshold=INACTIVE,
            mem_storage=True,
        )
        consumer = await self.jetstream.add_consumer("results", config)
        return consumer.name

    async def read(self, consumer: str) -> None:
        """Read results until that does not work any more."""
        client = self.connection.client
        self.messages = asyncio.Queue()
        inbox = client.new_inbox()
        subscription = await client.subscribe(
            inbox,
            cb=self.messages.put,
            # The batch is the limit.
            pending_msgs_limit=0,
            pending_bytes_limit=0,
        )
        subject = f"$JS.API.CONSUMER.MSG.NEXT.results.{consumer}"
        request = f'{{"batch": {BATCH}, "expires": {int(EXPIRES * 1e9)}}}'
        try:
            is_there = True
            while is_there:
                await client.publish(subject, request.encode(), reply=inbox)
                is_there = await self.read_batch()
        finally:
            with suppress(*LOST):
                await subscription.unsubscribe()
                await self.jetstream.delete_consumer("results", consumer)

    async def read_batch(self) -> bool:
        """Read what one request gives. Returns whether to ask for more."""
        for _ in range(BATCH):
            async with asyncio.timeout(EXPIRES + 2):
                message = await self.messages.get()
            # The connection was lost, and the request with it.
            if message is None:
                return False
            if status := (message.headers or {}).get("Status"):
                # There were not more in time.
                return status in ("404", "408")
            self.take(message.subject, message.data)
            self.seen = max(self.seen, message.metadata.sequence.stream)
            if self.seen - self.purged >= MANY_RESULTS:
                await self.purge_seen()
        return True

    def take(self, subject: str, message: bytes) -> None:
        """Take a message of the stream `results`."""
        self.hear_of_a_worker()
        _, _, number, *death = subject.split(".")
        if not number.isdecimal():
            return
        if death:
            self.count_death(int(number), death[0], message)
        else:
            self.settle(int(number), message)

    def count_death(self, number: int, death: str, message: bytes) -> None:
        job = self.open.get(number)
        if not job or death in job.deaths:
            return
        try:
            content = decode(message)
            how = f"{content['how']} on {content['host']}"
        except Exception as error:
            how = f"it does not say how: {error}"
        job.deaths[death] = how
        if len(job.deaths) == MOST_DEATHS:
            self.start(self.give_up_job(number, list(job.deaths.values())))

    async def give_up_job(self, number: int, deaths: list[str]) -> None:
        """Fail a job that ends its workers, for all that may still have it."""
        how = "; ".join(deaths)
        why = f"{len(deaths)} worker processes ended while they had it: {how}"
        answer = all_failed(self.open[number].count, why)
        subject = result_subject(self.id, number)

        async def attempt() -> None:
            # A real result counts; it is about to be read.
            with suppress(AlreadyStored):
                await self.connection.store(subject, answer)
            await self.connection.remove_jobs(self.token, self.id, number)

        await self.connection.persist(attempt)

    async def purge(self) -> None:
        """Remove the results that have been read, about once a second."""
        while True:
            await asyncio.sleep(1)
            await self.purge_seen()

    async def purge_seen(self) -> None:
        seen = self.seen
        if seen > self.purged:
            # Next time, or when the run ends.
            with suppress(*LOST):
                await self.connection.purge_results(self.id, before=seen + 1)
            self.purged = seen

    # What goes on at the server

    async def put_key(self) -> None:
        await self.connection.runs.put(self.id, self.key)

    async def renew(self) -> None:
        """Put the key of the run before it expires, and after each reconnect."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(RUN_TTL / 20):
                    await self.must_renew.wait()
            self.must_renew.clear()
            await self.connection.persist(self.put_key)

    def reconnected(self) -> None:
        self.must_renew.set()
        # The workers may be slower.
        self.was_lost = True
        self.messages.put_nowait(None)

    async def adapt(self) -> None:
        """Adapt the window to the queue while it holds jobs back."""
        while True:
            await self.is_held_back.wait()
            if queue := await self.look_at_the_queue():
                is_soon = self.window.adapt(queue)
                self.send()
                await asyncio.sleep(0.005 if is_soon else 0.25)
            else:
                await asyncio.sleep(1)

    async def look_at_the_queue(self) -> Queue | None:
        """The queue of the function, as far as the server says."""
        try:
            info = await self.connection.consumer(self.token)
        except LOST:
            return None
        return Queue(
            waiting=info.num_pending or 0,
            running=info.num_ack_pending or 0,
            done=info.delivered.consumer_seq if info.delivered else 0,
            time=time.monotonic(),
            requests=info.num_waiting or 0,
        )

    async def check_lost(self) -> None:
        """Look for jobs that the server had and has no more, again and again."""
        while True:
            await asyncio.sleep(LOST_JOB_CHECK)
            now = time.monotonic()
            suspects = [
                number
                for number in self.at_server
                if (confirmed := self.open[number].confirmed) and confirmed < now
            ]
            if suspects:
                with suppress(*LOST):
                    await self.check(suspects)

    async def check(self, suspects: list[int]) -> None:
        # In this order: a job is acknowledged when its result is stored.
        jobs = job_subject(self.token, self.id, "*")
        queued = await self.connection.subjects("jobs", jobs)
        consumer = await self.connection.consumer(self.token)
        results = result_subject(self.id, "*")
        stored = await self.connection.subjects("results", results)
        floor = consumer.ack_floor.stream_seq if consumer.ack_floor else 0
        for number in suspects:
            job = self.open.get(number)
            subject = result_subject(self.id, number)
            if not job:
                continue
            if subject in stored:
                message = await self.jetstream.get_last_msg("results", subject)
                self.take(subject, message.data or b"")
            elif job_subject(self.token, self.id, number) not in queued:
                self.start(self.publish(number))
            elif job.sequence and job.sequence <= floor:
                # The consumer has forgotten it, as nats-server 2.9 does in a purge.
                await self.connection.remove_job(job.sequence)
                self.start(self.publish(number))

    # Workers

    async def hear(self, _: Msg) -> None:
        self.hear_of_a_worker()

    def hear_of_a_worker(self) -> None:
        self.is_alive = True
        self.connection.trouble = None

    async def watch(self) -> None:
        """Say that there is no worker, and give up after `--wait`."""
        tick = min(0.25, PATIENCE / 10, (self.wait or 1) / 10)
        # Counted in ticks: a suspended program has not waited.
        idle = since_note = 0.0
        has_noted = self.has_own_workers
        while True:
            await asyncio.sleep(tick)
            if self.is_alive or not self.open:
                idle = since_note = 0.0
            if self.was_lost:
                since_note = 0.0
            self.is_alive = self.was_lost = False
            idle += tick
            since_note += tick
            if why := self.why_over():
                self.give_up(why)
            if self.wait and idle >= self.wait:
                self.give_up(self.why_nothing_came(self.wait))
                idle = 0.0
            if since_note >= PATIENCE and not has_noted:
                since_note = 0.0
                has_noted = await self.note_that_no_worker_comes()

    def why_nothing_came(self, wait: float) -> str:
        if trouble := self.connection.trouble:
            return f"nothing came within {wait:g} s (--wait): {trouble}"
        return f"no worker took it within {wait:g} s (--wait)"

    async def note_that_no_worker_comes(self) -> bool:
        """Say how to start a worker, unless there is one. Returns whether it did."""
        queue = await self.look_at_the_queue()
        if not queue or queue.running or queue.requests:
            return False
        note = [
            f"no worker takes a job of {self.name}; start one, on any machine: "
            f"{Path(sys.argv[0]).name} --worker --server {self.connection}"
        ]
        with suppress(*LOST):
            for other in await self.jetstream.consumers_info("jobs"):
                if other.num_waiting and other.name != self.token:
                    name = printable(name_in(other.name))
                    note.append(f"there are workers for {name}")
        print_note("\n      ".join(note))
        return True


async def cancel(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for their end."""
    # In Python 3.11 `wait_for`, which nats-py uses, may miss that it is cancelled.
    while waiting := [task for task in tasks if not task.done()]:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=0.1)
