"""Jobs out, results back: what Dask and Celery do, on NATS JetStream.

A page submits its work with `JobQueue`. If it was started with `--worker`, it is a
worker instead: then `worker_entry` never returns. The messages are CBOR, so either side
may be a Rust program. This is how the heavy part of a program moves to Rust.

A job may run twice; its first result counts. If a worker dies, stops or loses its
connection, another one runs its job. A server of `--server` keeps jobs and results in
files, and a job is acknowledged when its result is stored: its restart loses nothing.

In Rust: crates/job-queue/src/job_queue.rs
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import AsyncExitStack
from itertools import count, islice
from operator import itemgetter
from queue import SimpleQueue
from typing import Any, TypeVar

from job_guard import Guard
from job_host import Host
from job_messages import JobError, all_failed, job_of, results_in
from job_run import Run, Window
from job_worker import entered, worker_entry
from nats_connection import LOST, Connection, cancel, words
from nats_secrets import warn_of_secrets
from nats_server import QueueError, Server
from options import Machines

__all__ = ["JobError", "JobQueue", "QueueError", "worker_entry"]

A = TypeVar("A")
T = TypeVar("T")


class JobQueue:
    """A connection to the server with the queue: Dask's `Client`.

    Without `--server` it starts a server and `max_workers` workers. They end with the
    `with` block, or with the program.
    """

    def __init__(self, machines: Machines, max_workers: int) -> None:
        self._work = entered()
        self._machines = machines
        self._max_workers = max_workers
        self._server: Server | None = None
        self._host: asyncio.Task[None] | None = None
        self._guard: Guard | None = None
        self._calls: set[_Call] = set()
        opened: Future[None] = Future()
        # The event loop has a thread of its own: the caller may have a loop, too.
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._live(opened)), daemon=True
        )
        self._thread.start()
        opened.result()

    def __enter__(self) -> JobQueue:
        return self

    def __exit__(self, *_: object) -> None:
        for call in list(self._calls):
            call.end()
        self._loop.call_soon_threadsafe(self._is_closed.set)
        self._thread.join()

    def map(
        self,
        function: Callable[[A], T],
        arguments: Iterable[A],
        *,
        chunksize: int = 1,
        buffersize: int = 4096,
        time_limit: float | None = None,
    ) -> list[T | Exception]:
        """Call `function` with every argument, in whichever worker is free.

        The results come in the order of the arguments, as from Dask's `client.gather`.
        A failure is an exception among the results: a `JobError`, or the function's own
        error if it is of the class `raises` of `worker_entry`. An exception that
        `arguments` raises ends the whole call.

        With `chunksize` arguments a job, calls of less than a millisecond are worth
        while. In Rust that is `map_chunked`. A job may take `time_limit` seconds.
        """
        results = self.as_completed(
            function,
            arguments,
            chunksize=chunksize,
            buffersize=buffersize,
            time_limit=time_limit,
        )
        return [result for _, result in sorted(results, key=itemgetter(0))]

    def as_completed(
        self,
        function: Callable[[A], T],
        arguments: Iterable[A],
        *,
        chunksize: int = 1,
        buffersize: int = 4096,
        time_limit: float | None = None,
    ) -> Iterator[tuple[int, T | Exception]]:
        """The same, but each result comes as soon as it is there, with its index.

        `arguments` is read by a thread, at most `buffersize` jobs ahead of the results
        that the caller has taken.
        """
        if function is not self._work.function:
            raise QueueError(f"`worker_entry` was called with {self._work.name} only")
        call = _Call(self, iter(arguments), chunksize, buffersize, time_limit)
        return call.results()

    async def _live(self, opened: Future[None]) -> None:
        """Open all that a queue has, and close it at the end."""
        self._loop = asyncio.get_running_loop()
        self._is_closed = asyncio.Event()
        async with AsyncExitStack() as stack:
            try:
                await self._open(stack)
            except BaseException as error:
                opened.set_exception(error)
                return
            opened.set_result(None)
            await self._is_closed.wait()
            if self._host:
                await cancel({self._host})
        # What nats-py has left: see `cancel`.
        await cancel(asyncio.all_tasks() - {asyncio.current_task()})  # type: ignore[arg-type]

    async def _open(self, stack: AsyncExitStack) -> None:
        if servers := self._machines.server:
            warn_of_secrets(servers)
            self._connection = Connection(servers)
            self._guard = Guard(servers)
            stack.callback(self._guard.end)
        else:
            # It lives as long as this thread.
            self._server = Server()
            stack.callback(self._server.end)
            self._connection = Connection(self._server.url, is_own=True)
        stack.push_async_callback(self._connection.close)
        await self._connection.open()
        try:
            await self._connection.make_streams()
        except LOST as error:
            why = self._connection.trouble or words(error)
            raise QueueError(
                f"the server has no JetStream (nats-server --jetstream has it): {why}"
            ) from None
        if self._server:
            host = Host(self._connection, self._work, self._max_workers)
            self._host = asyncio.create_task(host.work())

    def _why_broken(self) -> str | None:
        """Why no more results can come, if there is a reason."""
        if self._host and self._host.done():
            return f"the workers have ended: {self._host.exception()!r}"
        return self._server.why_ended() if self._server else None


class _Call:
    """One call of a `JobQueue`: its run, and the thread that reads the arguments."""

    def __init__(
        self,
        queue: JobQueue,
        arguments: Iterator[Any],
        chunksize: int,
        buffersize: int,
        time_limit: float | None,
    ) -> None:
        self._queue = queue
        self._loop = queue._loop
        self._chunksize = chunksize
        # The arguments of the jobs whose results the caller has not taken.
        self._sent: dict[int, list[Any]] = {}
        self._room = threading.Semaphore(buffersize)
        # Answers with the numbers of their jobs; at the end `None`, or an exception.
        self._answers: SimpleQueue[tuple[int, bytes] | BaseException | None]
        self._answers = SimpleQueue()
        self._is_over = False
        first_jobs = 2 * queue._max_workers if queue._server else 1
        self._run = Run(
            queue._connection,
            queue._work.name,
            window=Window(first_jobs, buffersize),
            time_limit=time_limit,
            wait=queue._machines.wait,
            deliver=lambda number, answer: self._answers.put((number, answer)),
            why_broken=queue._why_broken,
        )
        if queue._guard:
            queue._guard.will_end(self._run.token, self._run.id)
        self._future = asyncio.run_coroutine_threadsafe(self._run.work(), self._loop)
        self._future.add_done_callback(
            lambda future: self._answers.put(future.exception())
        )
        queue._calls.add(self)
        threading.Thread(target=self._feed, args=[arguments], daemon=True).start()

    def results(self) -> Iterator[tuple[int, Any]]:
        """All results with their indices, as they come."""
        work = self._queue._work
        returns = inspect.signature(work.function, eval_str=True).return_annotation
        try:
            while (item := self._answers.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                number, answer = item
                results = results_in(
                    answer, self._sent.pop(number), work.raises, returns
                )
                yield from enumerate(results, number * self._chunksize)
                self._room.release()
        finally:
            self.end()

    def end(self) -> None:
        """End the run, early if it has jobs without results."""
        self._is_over = True
        self._room.release()
        self._queue._calls.discard(self)
        if not self._future.done():
            self._loop.call_soon_threadsafe(self._run.end)
            wait([self._future])

    def _feed(self, arguments: Iterator[Any]) -> None:
        """On a thread of its own: read the arguments, and hand them to the run."""
        try:
            for number in count():
                self._room.acquire()
                chunk = list(islice(arguments, self._chunksize))
                if self._is_over:
                    return
                if not chunk:
                    break
                self._sent[number] = chunk
                try:
                    job = job_of(chunk)
                except Exception as error:
                    failed = all_failed(f"it cannot be sent: {error}")
                    self._answers.put((number, failed))
                else:
                    self._loop.call_soon_threadsafe(self._run.add, number, job)
            self._loop.call_soon_threadsafe(self._run.complete)
        except BaseException as error:
            self._answers.put(error)
