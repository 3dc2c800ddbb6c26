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
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import wait
from itertools import islice
from operator import itemgetter
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from job_guard import Guard
from job_messages import JobError, all_failed, job_of, name_of, results_in
from job_window import Window
from job_worker import OwnHost, worker_entry
from nats_server import QueueError, Server
from options import Machines
from workloads import settings

if TYPE_CHECKING:
    from job_run import Run

__all__ = ["JobError", "JobQueue", "QueueError", "worker_entry"]

A = TypeVar("A")
T = TypeVar("T")

# How many jobs of a run may have no result that the caller has.
BUFFERSIZE = 4096

# How many jobs a run sends before it knows how many workers there are.
FIRST_JOBS = 16


class JobQueue:
    """A connection to the server with the queue: Dask's `Client`.

    Without `--server` it starts a server and `max_workers` workers. They end with the
    `with` block, or with the program.
    """

    def __init__(self, machines: Machines, max_workers: int) -> None:
        self._wait, self._max_workers = machines.wait, max_workers
        self._server: Server | None = None
        self._host: OwnHost | None = None
        self._guard: Guard | None = None
        self._submissions: set[_Submission] = set()
        # The event loop has a thread of its own: the caller may have a loop, too.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        try:
            self._call(self._open(machines.server))
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> JobQueue:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            for submission in list(self._submissions):
                submission.end()
            self._call(self._connection.close())
        finally:
            self._end()

    def map(
        self,
        function: Callable[[A], T],
        arguments: Iterable[A],
        *,
        raises: type[Exception] | None = None,
        buffersize: int = BUFFERSIZE,
        time_limit: float | None = None,
    ) -> list[T | Exception]:
        """Call `function` with every argument, in whichever worker is free.

        The results come in the order of the arguments, as from Dask's `client.gather`.
        A failure is an exception among the results: a `JobError`, or the function's own
        error if `raises` names its class. A job may take `time_limit` seconds. An exception
        that `arguments` raises ends the whole call.
        """
        results = self.as_completed(
            function,
            arguments,
            raises=raises,
            buffersize=buffersize,
            time_limit=time_limit,
        )
        return _in_order(results)

    def map_chunked(
        self,
        function: Callable[[A], T],
        arguments: Iterable[A],
        chunksize: int,
        *,
        raises: type[Exception] | None = None,
        buffersize: int = BUFFERSIZE,
        time_limit: float | None = None,
    ) -> list[T | Exception]:
        """The same with `chunksize` arguments a job: faster if each takes a short time."""
        chunks = _chunks(arguments, chunksize)
        run = _Submission(self, function, chunks, raises, buffersize, time_limit)
        return _in_order(run.results())

    def as_completed(
        self,
        function: Callable[[A], T],
        arguments: Iterable[A],
        *,
        raises: type[Exception] | None = None,
        buffersize: int = BUFFERSIZE,
        time_limit: float | None = None,
    ) -> Iterator[tuple[int, T | Exception]]:
        """The same, but each result comes as soon as it is there, with its index.

        `arguments` is read by a thread, at most `buffersize` items ahead of the results
        that the caller has taken.
        """
        chunks = _chunks(arguments, 1)
        run = _Submission(self, function, chunks, raises, buffersize, time_limit)
        return run.results()

    async def _open(self, servers: str | None) -> None:
        # The library takes as long to import as all else that a page needs.
        from nats_connection import Connection, note_secret

        if servers is None:
            # They live as long as this thread.
            self._server = Server()
            self._host = OwnHost(self._server.url, self._max_workers)
            self._connection = Connection(self._server.url, is_own=True)
            await self._connection.open()
            return
        note_secret(servers)
        self._connection = Connection(servers, is_own=False)
        await self._connection.open()
        self._guard = Guard(servers)

    def _run(
        self, function: Callable[..., Any], buffersize: int, time_limit: float | None
    ) -> Run:
        """A run that has not begun."""
        from job_run import Run

        description = {"settings": settings.to_message(), "time_limit": time_limit}
        first_jobs = 2 * self._max_workers if self._host else FIRST_JOBS
        return Run(
            self._connection,
            name_of(function),
            description,
            window=Window(first_jobs, buffersize),
            wait=self._wait,
            has_own_workers=self._host is not None,
            why_over=self._why_over,
        )

    async def _do(self, run: Run) -> None:
        """Do a run, and leave nothing of it at the server."""
        if self._guard:
            self._guard.begin(run.token, run.id)
        try:
            await run.work()
        finally:
            is_tidy = await run.tidy_up()
            # Of a run that ends early, workers may store results a little later.
            if self._guard and is_tidy and run.is_complete and not run.given_up:
                self._guard.end_of(run.token, run.id)

    def _why_over(self) -> str | None:
        """Why no more results can come, if there is a reason."""
        if self._server and (why := self._server.why_ended()):
            return why
        return self._host.why_ended() if self._host else None

    def _end(self) -> None:
        for part in self._host, self._server, self._guard:
            if part:
                part.end()
        self._call(_cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        """Have something done on the thread of the loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


class _Submission:
    """One call of a `JobQueue`: its run, and the thread that reads the arguments."""

    def __init__(
        self,
        queue: JobQueue,
        function: Callable[[Any], Any],
        chunks: Iterator[list[Any]],
        raises: type[Exception] | None,
        buffersize: int,
        time_limit: float | None,
    ) -> None:
        self._queue, self._loop, self._raises = queue, queue._loop, raises
        # Of the jobs whose results the caller has not taken: the index, the arguments.
        self._sent: dict[int, tuple[int, list[Any]]] = {}
        self._room = threading.Semaphore(buffersize)
        # Answers with the numbers of their jobs; at the end `None`, or an exception.
        self._answers: SimpleQueue[tuple[int, bytes] | BaseException | None]
        self._answers = SimpleQueue()
        self._is_over = False
        self._run = queue._run(function, buffersize, time_limit)
        self._run.deliver = self._deliver
        self._future = asyncio.run_coroutine_threadsafe(
            queue._do(self._run), self._loop
        )
        self._future.add_done_callback(
            lambda future: self._answers.put(future.exception())
        )
        queue._submissions.add(self)
        threading.Thread(target=self._feed, args=[chunks], daemon=True).start()

    def results(self) -> Iterator[tuple[int, Any]]:
        """All results with their indices, as they come."""
        try:
            while (item := self._answers.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                number, answer = item
                start, arguments = self._sent.pop(number)
                yield from enumerate(
                    results_in(answer, arguments, self._raises), start
                )
                self._room.release()
        finally:
            self.end()

    def end(self) -> None:
        """End the run, early if it has jobs without results."""
        self._is_over = True
        self._room.release()
        self._queue._submissions.discard(self)
        if not self._future.done():
            self._loop.call_soon_threadsafe(self._run.is_done.set)
            wait([self._future])

    def _deliver(self, number: int, answer: bytes) -> None:
        self._answers.put((number, answer))

    def _feed(self, chunks: Iterator[list[Any]]) -> None:
        """On a thread of its own: read the arguments, and hand them to the run."""
        start = 0
        try:
            for number, arguments in enumerate(chunks):
                self._room.acquire()
                if self._is_over:
                    return
                self._sent[number] = start, arguments
                start += len(arguments)
                self._hand(number, arguments)
            self._loop.call_soon_threadsafe(self._run.complete)
        except BaseException as error:
            self._answers.put(error)

    def _hand(self, number: int, arguments: list[Any]) -> None:
        count = len(arguments)
        try:
            job = job_of(arguments)
        except Exception as error:
            self._deliver(number, all_failed(count, f"it cannot be sent: {error}"))
        else:
            self._loop.call_soon_threadsafe(self._run.add, number, job, count)


async def _cancel_all() -> None:
    """Cancel what the libraries have left on the loop."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=1)


def _chunks(arguments: Iterable[A], size: int) -> Iterator[list[A]]:
    iterator = iter(arguments)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _in_order(results: Iterable[tuple[int, T]]) -> list[T]:
    return [result for _, result in sorted(results, key=itemgetter(0))]
