"""Jobs out, results back, in order: a queue of NATS JetStream, as Dask and Celery have one.

A page hands out its work with `JobQueue`, and `worker_entry` makes it a worker where it
was started as one. What they say to each other is JSON, so that either side may be a Rust
program: that is how a heavy part moves to Rust. examples-machines/src/messages.rs lists
the messages, and its neighbours are the Rust side.

What the queue promises: a job may run twice, and its first result counts. One whose worker
dies, is stopped or is cut off is run by another one. Jobs and results are in files at the
server, and a job is acknowledged when its result is stored, so that a restart of the server
loses nothing.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import multiprocessing
import os
import platform
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nats_server import Guard, QueueError, connect, without_password
from workloads import Machines, Settings, WorkerOptions, adopt, print_note, settings

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

A = TypeVar("A")
T = TypeVar("T")

# The version of the messages. Whoever hears another one leaves it alone, and says so.
VERSION = 1

# A job of which nobody says anything for this time is given to another worker. Whoever has
# it says every second that it goes on, so that a long job is not taken for a lost one.
ACK_WAIT = 5.0
PROGRESS = 1.0

# A job that has ended so many workers is given to no other.
MOST_TAKERS = 3

# How often a submitter says that it is there, and how long it may be silent: until no job
# is taken any more, and until it is found out whether it has ended.
ANNOUNCEMENT = 1.0
SILENCE = 5.0
LONG_SILENCE = 30.0

# When a person is told that no worker takes a job.
PATIENCE = 5.0

# How long one asks the server for a message in one go. Where several runs take turns, none
# of them is to wait long for the jobs of another.
TURN = 1.0
SHORT_TURN = 0.05

# How many jobs may be under way, which bounds what a run takes on the server, and how many
# messages may be on their way there or back at one time.
WINDOW = 4096
IN_FLIGHT = 16


class JobError(Exception):
    """Why a job has no result, in words."""


class JobQueue:
    """A connection to the server with the queue: Dask's `Client`.

    Without a server to use it starts one, and `max_workers` workers, all of which end with
    the `with` block or the program, whatever comes first.
    """

    def __init__(self, machines: Machines, max_workers: int) -> None:
        self.guard = Guard(machines.server)
        # None where the workers are somebody else's.
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

        The results come in the order of the arguments, as Dask's `client.gather` of a
        `client.map`; in the place of one that is missing is the exception that says why.
        An error of the function's own is one that `raises` makes of its message.
        """
        return asyncio.run(_Submission(self, function, raises).run(enumerate(arguments)))


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
        # The arguments of what has no result yet.
        self.sent: dict[int, Any] = {}
        self.results: dict[int, Any] = {}
        self.count = 0
        self.room = asyncio.Semaphore(WINDOW)
        # What keeps those from working who did say hello.
        self.strangers: dict[str, None] = {}

    async def run(self, jobs: Iterable[tuple[int, Any]]) -> list[Any]:
        self.nats = await connect(self.queue.guard.url)
        self.jetstream = self.nats.jetstream()
        await self.open()
        work = [self.submit(jobs), self.watch()]
        work += [self.collect() for _ in range(IN_FLIGHT)]
        if self.queue.max_workers:
            worker = _Worker(
                self.nats, self.function, self.queue.max_workers, self.run_id
            )
            work.append(worker.work())
        submitting, *others = tasks = [asyncio.create_task(part) for part in work]
        try:
            # Of the others, only one that finds no use in going on ends before that.
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if submitting.done():
                submitting.result()
                return [self.results[number] for number in range(self.count)]
            why = next(part.exception() or part.result() for part in others if part.done())
            self.count += sum(1 for _ in jobs)
            return [
                self.results.get(number, JobError(why)) for number in range(self.count)
            ]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(*_lost()):
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
        except _lost() as error:
            raise QueueError(
                f"the server gives no queue (nats-server --jetstream does): {error}"
            ) from None
        await self.nats.subscribe("jobs.workers", cb=self.meet)
        # A worker that has long heard nothing asks whether anybody still listens here.
        await self.nats.subscribe(f"{prefix}.submitter")

    async def submit(self, jobs: Iterable[tuple[int, Any]]) -> None:
        """Put all jobs into the queue, and wait until all results are there."""

        async def send_some() -> None:
            for number, argument in jobs:
                self.count += 1
                await self.room.acquire()
                await self.send(number, argument)

        # They take the jobs from one iterator.
        await asyncio.gather(*(send_some() for _ in range(IN_FLIGHT)))
        # Every result makes room for a job, so that at last there is room for all of them.
        for _ in range(WINDOW):
            await self.room.acquire()

    async def send(self, number: int, argument: Any) -> None:
        """Put a job into the queue, however often that takes.

        By its number the server knows what it has already.
        """
        from nats.errors import MaxPayloadError

        self.sent[number] = argument
        subject = f"jobs.{self.run_id}.job.{number}"
        job, header = _dump(argument), {"Nats-Msg-Id": str(number)}
        while True:
            try:
                await self.jetstream.publish(subject, job, headers=header)
                return
            except MaxPayloadError:
                most = self.nats.max_payload
                self.settle(
                    number, JobError(f"the server takes no job over {most} bytes")
                )
                return
            except _lost():
                await asyncio.sleep(0.1)

    async def collect(self) -> None:
        """Take results from the queue, for as long as there may be any."""
        while True:
            try:
                message = await _next(self.nats, self.stream, "submitter", TURN)
            except _lost():
                # The connection is lost for a while; or the queue is, which is noticed by
                # who watches.
                await asyncio.sleep(0.1)
                continue
            if message:
                number = int(message.subject.rpartition(".")[2])
                # A job may run twice; its first result counts.
                if number in self.sent:
                    argument = self.sent[number]
                    self.settle(number, _read_answer(message.data, argument, self.raises))
                with suppress(*_lost()):
                    await message.ack()

    def settle(self, number: int, result: Any) -> None:
        del self.sent[number]
        self.results[number] = result
        self.room.release()

    async def watch(self) -> str:
        """Announce the run for as long as there is use in going on; return why not."""
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
            except _lost():
                is_taken = False
            if is_taken or len(self.results) != seen:
                idle_since, seen = time.monotonic(), len(self.results)
            idle = time.monotonic() - idle_since
            if wait and idle >= wait:
                return f"no worker took it within {wait:g} s (--wait)"
            # Workers of its own need no advice.
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
        # Only a connection that was lost for long does not keep it for later.
        with suppress(*_lost()):
            await self.nats.publish("jobs.runs", _dump(run))

    async def meet(self, message: Msg) -> None:
        """Find out whether a worker can work for this run."""
        # For one that has just come.
        await self.announce()
        try:
            hello = _read(message.data, "function", "worker")
        except ValueError as error:
            problem = f"a worker was refused: {error}"
            if problem not in self.strangers:
                self.strangers[problem] = None
                print_note(problem)
            return
        who, function = hello["worker"], hello["function"]
        if function != self.function.__name__:
            self.strangers[f"{who} has no such function, but {function}"] = None

    def complain(self) -> None:
        """Say that nobody works, and what to do."""
        program, server = Path(sys.argv[0]).name, without_password(self.queue.guard.url)
        note = (
            f"no worker takes a job of {self.function.__name__}; start one, on any machine: "
            f"{program} --worker --server {server}"
        )
        print_note("\n      ".join([note, *self.strangers]))


def worker_entry(function: Callable[[A], T]) -> None:
    """Where the command line says `--worker`: do the jobs of others, and never return.

    SIGTERM or Ctrl-C lets it finish what it does, and leave; a second one ends it at once.
    """
    if "--worker" in sys.argv[1:]:
        name = function.__name__
        options = WorkerOptions.parse(name)
        asyncio.run(_work(function, options.server, options.max_workers))
        sys.exit(0)


async def _work(function: Callable[[A], T], server: str, max_workers: int) -> None:
    client = await connect(server)
    print_note(
        f"{max_workers} at a time, this does the jobs of {function.__name__} at "
        f"{without_password(server)}"
    )
    worker = _Worker(client, function, max_workers)
    loop, signals = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)

    def stop() -> None:
        worker.is_stopped = True
        for number in signals:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    # Windows has no such handlers: there a worker just ends, and others do its job.
    with suppress(NotImplementedError):
        for number in signals:
            loop.add_signal_handler(number, stop)
    await worker.work()
    with suppress(*_lost()):
        await client.flush()


class _Worker:
    """Workers: each pulls one job after the other, and has it done in a process."""

    def __init__(
        self,
        client: Client,
        function: Callable[[Any], Any],
        max_workers: int,
        only: str | None = None,
    ) -> None:
        """With `max_workers` processes, for one run or for all that there are."""
        self.nats, self.jetstream = client, client.jetstream()
        self.function, self.only = function, only
        self.max_workers = max_workers
        # Each waits for a process.
        self.threads = ThreadPoolExecutor(max_workers)
        self.runs: dict[str, _Run] = {}
        # What was refused, each of which is said once.
        self.refused: set[str] = set()
        self.is_stopped = False

    async def work(self) -> None:
        """Work until it is stopped; what has begun is finished then."""
        await self.nats.subscribe("jobs.runs", cb=self.hear)
        await self.say_hello()
        forgetting = asyncio.create_task(self.forget())
        try:
            await asyncio.gather(*(self.take_jobs() for _ in range(self.max_workers)))
        finally:
            forgetting.cancel()

    async def say_hello(self) -> None:
        worker = f"process {os.getpid()} on {platform.node()}"
        hello = {"version": VERSION, "function": self.function.__name__}
        with suppress(*_lost()):
            await self.nats.publish("jobs.workers", _dump(hello | {"worker": worker}))

    async def hear(self, message: Msg) -> None:
        """Hear of a run, which may be known already."""
        try:
            run = _read(message.data, "function", "run")
            its_settings = Settings.from_message(run.get("settings", {}))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            problem = f"the jobs of a program are left alone: {error}"
            if problem not in self.refused:
                self.refused.add(problem)
                print_note(problem)
                await self.say_hello()
            return
        name = run["run"]
        if run["function"] != self.function.__name__ or self.only not in (None, name):
            return
        if name in self.runs:
            self.runs[name].heard = time.monotonic()
        else:
            self.runs[name] = _Run(name, its_settings)
            await self.say_hello()

    async def forget(self) -> None:
        """Forget the runs whose submitter has ended, and delete what is left of them.

        One that is stopped, or cut off, still has its connection.
        """
        from nats.errors import NoRespondersError

        while True:
            await asyncio.sleep(1)
            for run in list(self.runs.values()):
                if run.silence() < LONG_SILENCE:
                    continue
                try:
                    with suppress(TimeoutError):
                        await self.nats.request(f"jobs.{run.name}.submitter", timeout=1)
                except NoRespondersError:
                    self.runs.pop(run.name, None)
                    with suppress(*_lost()):
                        await self.jetstream.delete_stream(run.stream)
                except _lost():
                    pass

    async def take_jobs(self) -> None:
        """Do one job after the other, of all runs in turn."""
        process, turn = _Process(self.function), 0
        try:
            while not self.is_stopped:
                live = [run for run in self.runs.values() if run.silence() < SILENCE]
                if not live:
                    await asyncio.sleep(SHORT_TURN)
                    continue
                turn = (turn + 1) % len(live)
                run, time_to_wait = live[turn], SHORT_TURN if len(live) > 1 else TURN
                try:
                    job = await _next(self.nats, run.stream, "workers", time_to_wait)
                except _lost():
                    # Should the run go on all the same, it will be heard of again.
                    self.runs.pop(run.name, None)
                    continue
                if job and not await self.do_job(job, run, process):
                    process = _Process(self.function)
        finally:
            process.kill()

    async def do_job(self, job: Msg, run: _Run, process: _Process) -> bool:
        """Do a job and store its answer; only then is it acknowledged.

        Where the process dies over it, the next worker gets it, and this returns false.
        """
        takers = job.metadata.num_delivered - 1
        if takers >= MOST_TAKERS:
            why = f"{takers} workers that had taken it have ended, and no other gets it"
            await self.store(job, run, _dump({"failed": why}))
            return True
        loop = asyncio.get_running_loop()
        answer = loop.run_in_executor(
            self.threads, process.answer, job.data, run.settings
        )
        while not (await asyncio.wait([answer], timeout=PROGRESS))[0]:
            with suppress(*_lost()):
                await job.in_progress()
        if answer.exception():
            with suppress(*_lost()):
                await job.nak()
            return False
        await self.store(job, run, answer.result())
        return True

    async def store(self, job: Msg, run: _Run, answer: bytes) -> None:
        """Store an answer, however often that takes, and acknowledge its job."""
        from nats.errors import MaxPayloadError

        subject = f"jobs.{run.name}.result.{job.subject.rpartition('.')[2]}"
        while True:
            try:
                await self.jetstream.publish(subject, answer)
                await job.ack()
                return
            except MaxPayloadError:
                size, most = len(answer), self.nats.max_payload
                why = f"its result takes {size} bytes, and the server no more than {most}"
                answer = _dump({"failed": why})
            except _lost():
                # Else nobody waits for it any more.
                if run.silence() > SILENCE:
                    return
                await asyncio.sleep(0.1)


class _Run:
    """A run, as the workers see it."""

    def __init__(self, name: str, its_settings: Settings) -> None:
        self.name, self.stream = name, f"jobs-{name}"
        self.settings = its_settings
        self.heard = time.monotonic()

    def silence(self) -> float:
        return time.monotonic() - self.heard


class _Process:
    """A process that calls the function, for one job at a time; started for the first.

    A thread would do one job at a time with all others, because of the GIL, and would take
    them along when it crashes.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function
        self._process: Any = None
        self._is_over = False

    def answer(self, job: bytes, its_settings: Settings) -> bytes:
        """Wait for the answer to a job; raises `EOFError` or `OSError` when it dies."""
        if not self._process:
            context = _context()
            self._pipe, theirs = context.Pipe()
            arguments = self._function, theirs, settings
            process = context.Process(target=_answer_all, args=arguments, daemon=True)
            process.start()
            # The other end is open in the process only, so that this one sees its death.
            theirs.close()
            self._process = process
            if self._is_over:
                process.kill()
        self._pipe.send((job, its_settings))
        return self._pipe.recv_bytes()

    def kill(self) -> None:
        """End it, whatever it does. It may be just about to start, in another thread."""
        self._is_over = True
        if self._process:
            self._process.kill()
            self._process.join()


def _context() -> Any:
    """How processes are started: to fork this one is not safe, because it has threads."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # What takes long to import is imported once for all.
    context.set_forkserver_preload(["__main__", "asyncio", "requests"])
    return context


def _answer_all(
    function: Callable[[Any], Any], pipe: Connection, others: Settings
) -> None:
    """In the process: answer one job after the other."""
    adopt(others)
    # A Ctrl-C at the terminal is for the worker, which lets this finish its job.
    if "--worker" in sys.argv[1:]:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError):
        while True:
            job, its_settings = pipe.recv()
            quiet, trace = its_settings.quiet or others.quiet, others.trace
            vars(settings).update(
                vars(its_settings) | {"quiet": quiet, "trace": trace, "is_worker": True}
            )
            pipe.send_bytes(_answer(function, job))


def _answer(function: Callable[[Any], Any], job: bytes) -> bytes:
    """Call the function; what becomes of that is an answer in any case."""
    try:
        argument = _argument(function, job)
    except Exception as error:
        why = f"not an argument of {function.__name__}: {error}"
        return _dump({"failed": why})
    try:
        return _dump({"returned": function(argument)})
    except BaseException as error:
        if to_message := getattr(error, "to_message", None):
            return _dump({"raised": to_message(argument)})
        return _dump({"failed": f"{type(error).__name__}: {error}"})


# Messages


def _argument(function: Callable[[Any], Any], job: bytes) -> Any:
    """Read what a function takes, as it is annotated."""
    parameters = inspect.signature(function, eval_str=True).parameters.values()
    takes, argument = next(iter(parameters)).annotation, json.loads(job)
    if from_message := getattr(takes, "from_message", None):
        return from_message(argument)
    if isinstance(takes, type) and not isinstance(argument, takes):
        raise TypeError(f"{argument!r} is no {takes.__name__}")
    return argument


def _dump(message: Any) -> bytes:
    if to_message := getattr(message, "to_message", None):
        message = to_message()
    return json.dumps(message).encode()


def _read(message: bytes, *texts: str) -> dict[str, Any]:
    """Read a message of this version; raises `ValueError` where it is none."""
    content = json.loads(message)
    if not isinstance(content, dict) or not isinstance(content.get("version"), int):
        raise ValueError("it speaks no version of the messages")
    if (version := content["version"]) != VERSION:
        raise ValueError(
            f"it speaks version {version} of the messages, and this program version "
            f"{VERSION}"
        )
    for text in texts:
        # It may be printed.
        if not isinstance(content.get(text), str) or not content[text].isprintable():
            raise ValueError(f"its message has no {text}")
    return content


def _read_answer(message: bytes, argument: Any, raises: type[Exception]) -> Any:
    try:
        [(kind, what)] = json.loads(message).items()
        if kind == "raised":
            from_message = getattr(raises, "from_message", None)
            return from_message(what, argument) if from_message else raises(what)
        return {"returned": what, "failed": JobError(what)}[kind]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return JobError(f"not an answer to this job: {error}")


async def _next(
    client: Client, stream: str, consumer: str, time_to_wait: float
) -> Msg | None:
    """Take the next message, if there is one in time.

    This is one request for one message. The `fetch` of nats-py leaves a message that comes
    late in a queue of its own, where nobody works at it.
    """
    request = {"batch": 1, "expires": int(time_to_wait * 1e9)}
    message = await client.request(
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}",
        _dump(request),
        timeout=time_to_wait + TURN,
        # With an inbox of its own: what comes has the subject of the job.
        old_style=True,
    )
    is_status = bool(message.headers) and "Status" in message.headers
    return None if is_status else message


def _lost() -> tuple[type[Exception], ...]:
    """What is raised where the connection is lost for a while, or the queue is."""
    from nats.errors import Error

    return Error, OSError
