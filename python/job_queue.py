"""Jobs out, results back, in order: what Dask and Celery do, on NATS JetStream.

A page submits its work with `JobQueue`. If it was started with `--worker`, it is a
worker instead: then `worker_entry` never returns. The messages are JSON, so either side
may be a Rust program. This is how the heavy part of a program moves to Rust.

A job may run twice; its first result counts. If a worker dies, stops or loses its
connection, another one runs its job. The server keeps jobs and results in files, and a
job is acknowledged when its result is stored: a restart of the server loses nothing.

In Rust: crates/job-queue/src/job_queue.rs
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from job_messages import (
    ACK_WAIT,
    TURN,
    VERSION,
    JobError,
    dump,
    lost,
    read,
    read_answer,
    take,
)
from job_worker import Worker, cancel, worker_entry
from nats_server import Guard, QueueError, connect, without_password
from options import Machines
from workloads import print_note, settings

if TYPE_CHECKING:
    from nats.aio.msg import Msg

__all__ = ["JobError", "JobQueue", "QueueError", "worker_entry"]

A = TypeVar("A")
T = TypeVar("T")

# The heartbeat of a submitter.
ANNOUNCEMENT = 1.0

# After this time without a worker a note says so.
PATIENCE = 5.0

# How many jobs of a run may be at the server, and how many messages may be in flight in
# each direction.
WINDOW = 4096
IN_FLIGHT = 16


class JobQueue:
    """A connection to the server with the queue: Dask's `Client`.

    Without `--server` it starts a server and `max_workers` workers. They end with the
    `with` block, or with the program.
    """

    def __init__(self, machines: Machines, max_workers: int) -> None:
        self.guard = Guard(machines.server)
        # None if the workers are started elsewhere.
        self.max_workers = None if machines.server else max_workers
        self.wait = machines.wait

    def __enter__(self) -> JobQueue:
        return self

    def __exit__(self, *_: object) -> None:
        self.guard.end()

    def map(
        self,
        function: Callable[[A], T],
        arguments: Iterable[A],
        *,
        raises: type[Exception] = JobError,
    ) -> list[T | Exception]:
        """Call `function` with every argument, in whichever worker is free.

        The results come in the order of the arguments, as from Dask's `client.gather`.
        A failure is an exception among the results: a `JobError`, or the function's own
        error, which `raises` makes of the message.
        """
        return asyncio.run(
            _Submission(self, function, raises).run(enumerate(arguments))
        )


class _Submission:
    """One `map`."""

    def __init__(
        self,
        queue: JobQueue,
        function: Callable[[Any], Any],
        raises: type[Exception],
    ) -> None:
        self.queue, self.function, self.raises = queue, function, raises
        self.run_id = secrets.token_hex(11)
        self.stream = f"jobs-{self.run_id}"
        # The arguments of the jobs that have no result yet.
        self.sent: dict[int, Any] = {}
        self.results: dict[int, Any] = {}
        self.count = 0
        self.room = asyncio.Semaphore(WINDOW)
        # The workers that have said hello, and why some of them cannot work.
        self.known: set[str] = set()
        self.strangers: dict[str, None] = {}

    async def run(self, jobs: Iterable[tuple[int, Any]]) -> list[Any]:
        self.nats = await connect(self.queue.guard.url)
        self.jetstream = self.nats.jetstream()
        await self.open()
        work = [self.submit(jobs), self.watch()]
        work += [self.collect() for _ in range(IN_FLIGHT)]
        if self.queue.max_workers:
            worker = Worker(
                self.nats, self.function, self.queue.max_workers, self.run_id
            )
            work.append(worker.work())
        submitting, *others = tasks = [asyncio.create_task(part) for part in work]
        try:
            # Another task ends before that only if the run has to be given up.
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if submitting.done():
                submitting.result()
                return [self.results[number] for number in range(self.count)]
            why = next(
                part.exception() or part.result() for part in others if part.done()
            )
            self.count += sum(1 for _ in jobs)
            return [
                self.results.get(number, JobError(why)) for number in range(self.count)
            ]
        finally:
            await cancel(tasks)
            with suppress(*lost()):
                await self.jetstream.delete_stream(self.stream)
            await self.nats.close()

    async def open(self) -> None:
        """Make the stream of the run, with its two consumers."""
        from nats.js.api import ConsumerConfig, RetentionPolicy

        prefix = f"jobs.{self.run_id}"
        self.queue.guard.will_delete(self.stream)
        try:
            await self.jetstream.add_stream(
                name=self.stream,
                subjects=[f"{prefix}.job.*", f"{prefix}.result.*"],
                retention=RetentionPolicy.WORK_QUEUE,
            )
            for name, what in ("workers", "job"), ("submitter", "result"):
                config = ConsumerConfig(
                    durable_name=name,
                    filter_subject=f"{prefix}.{what}.*",
                    ack_wait=ACK_WAIT,
                    max_ack_pending=-1,
                    max_waiting=100_000,
                )
                await self.jetstream.add_consumer(self.stream, config)
        except lost() as error:
            why = getattr(error, "description", None) or type(error).__name__
            raise QueueError(
                f"the server gives no queue (nats-server --jetstream does): {why}"
            ) from None
        await self.nats.subscribe("jobs.workers", cb=self.meet)
        # A worker that has heard nothing for long asks whether this run still exists.
        await self.nats.subscribe(f"{prefix}.submitter")

    async def submit(self, jobs: Iterable[tuple[int, Any]]) -> None:
        """Put all jobs into the queue, and wait for all results."""

        async def send_some() -> None:
            for number, argument in jobs:
                self.count += 1
                await self.room.acquire()
                await self.send(number, argument)

        # All take their jobs from one iterator.
        await asyncio.gather(*(send_some() for _ in range(IN_FLIGHT)))
        # Every result makes room for a job: if all the room is free, no job is left.
        for _ in range(WINDOW):
            await self.room.acquire()

    async def send(self, number: int, argument: Any) -> None:
        """Put a job into the queue, and try again until that works.

        The server ignores a number that it has already.
        """
        from nats.errors import MaxPayloadError

        self.sent[number] = argument
        subject = f"jobs.{self.run_id}.job.{number}"
        job, header = dump(argument), {"Nats-Msg-Id": str(number)}
        while True:
            try:
                await self.jetstream.publish(subject, job, headers=header)
                return
            except MaxPayloadError:
                most = self.nats.max_payload
                self.settle(
                    number,
                    JobError(f"the server takes no job of more than {most} bytes"),
                )
                return
            except lost():
                await asyncio.sleep(0.1)

    async def collect(self) -> None:
        """Take results from the queue, for ever."""
        while True:
            try:
                message = await take(self.nats, self.stream, "submitter", TURN)
            except lost():
                # If it is the queue that is lost, `watch` notices.
                await asyncio.sleep(0.1)
                continue
            if message:
                number = int(message.subject.rpartition(".")[2])
                # A job may run twice; its first result counts.
                if number in self.sent:
                    argument = self.sent[number]
                    self.settle(
                        number, read_answer(message.data, argument, self.raises)
                    )
                with suppress(*lost()):
                    await message.ack()

    def settle(self, number: int, result: Any) -> None:
        del self.sent[number]
        self.results[number] = result
        self.room.release()

    async def watch(self) -> str:
        """Announce the run again and again; return why it has to be given up."""
        from nats.js.errors import NotFoundError

        wait, has_complained = self.queue.wait, False
        idle_since, seen = time.monotonic(), 0
        while True:
            await self.announce()
            await asyncio.sleep(min(ANNOUNCEMENT, wait or ANNOUNCEMENT))
            if why := self.queue.guard.why_ended():
                return why
            try:
                jobs = await self.jetstream.consumer_info(self.stream, "workers")
                is_taken = bool(jobs.num_ack_pending)
            except NotFoundError:
                return "the server has lost the queue"
            except lost():
                is_taken = False
            if is_taken or len(self.results) != seen:
                idle_since, seen = time.monotonic(), len(self.results)
            idle = time.monotonic() - idle_since
            if wait and idle >= wait:
                return f"no worker took it within {wait:g} s (--wait)"
            # Its own workers need no advice.
            if idle >= PATIENCE and not has_complained and not self.queue.max_workers:
                has_complained = True
                self.complain()

    async def announce(self) -> None:
        run = {
            "version": VERSION,
            "function": self.function.__name__,
            "run": self.run_id,
            "settings": settings.to_message(),
        }
        # If the connection is lost, the library sends it later, or drops it.
        with suppress(*lost()):
            await self.nats.publish("jobs.runs", dump(run))

    async def meet(self, message: Msg) -> None:
        """Check whether a new worker can work for this run."""
        try:
            hello = read(message.data, "function", "worker")
        except ValueError as error:
            problem = f"a worker was refused: {error}"
            if problem not in self.strangers:
                self.strangers[problem] = None
                print_note(problem)
            return
        who, function = hello["worker"], hello["function"]
        if function != self.function.__name__:
            self.strangers[f"{who} has no such function, but {function}"] = None
        if who not in self.known:
            self.known.add(who)
            await self.announce()

    def complain(self) -> None:
        """Say that there is no worker, and how to start one."""
        program, server = Path(sys.argv[0]).name, without_password(self.queue.guard.url)
        note = (
            f"no worker takes a job of {self.function.__name__}; start one, on any "
            f"machine: {program} --worker --server {server}"
        )
        print_note("\n      ".join([note, *self.strangers]))
