"""Workers of a job queue: they pull one job after the other, and store its answer.

In Rust: crates/job-queue/src/worker.rs
"""

from __future__ import annotations

import asyncio
import inspect
import json
import multiprocessing
import os
import pickle
import platform
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from job_messages import TURN, VERSION, dump, lost, read, take
from nats_server import connect, without_password
from workloads import Settings, WorkerOptions, adopt, print_note, settings

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

# How often a worker says that it is there, and that the job that it does goes on.
HELLO = 2.0
PROGRESS = 1.0

# How long a submitter may be silent: until no job of it is taken, and until it is found
# out whether it has ended.
SILENCE = 5.0
LONG_SILENCE = 30.0

# A job that has ended so many workers is given to no other.
MOST_TAKERS = 3

# Where several runs take turns, none of them is to wait long for the jobs of another.
SHORT_TURN = 0.05

# To fork is by far the quickest, and safe here, because there are no threads.
CONTEXT: Any = multiprocessing.get_context(
    "fork" if sys.platform == "linux" else "spawn"
)


def worker_entry(function: Callable[[Any], Any]) -> None:
    """Where the command line says `--worker`: do the jobs of others, and never return.

    SIGTERM or Ctrl-C lets it finish what it does, and leave; a second one ends it at
    once.
    """
    if "--worker" in sys.argv[1:]:
        name = function.__name__
        options = WorkerOptions.parse(name)
        asyncio.run(_work(function, options.server, options.max_workers))
        sys.exit(0)


async def _work(function: Callable[[Any], Any], server: str, max_workers: int) -> None:
    client = await connect(server)
    worker = Worker(client, function, max_workers)
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
    print_note(
        f"{max_workers} at a time, this does the jobs of {function.__name__} at "
        f"{without_password(server)}"
    )
    await worker.work()
    with suppress(*lost()):
        await client.flush()


async def cancel(tasks: list[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and wait for their end."""
    # In Python 3.11 a task may miss that in `wait_for`, where nats-py waits for answers.
    while waiting := [task for task in tasks if not task.done()]:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=0.1)


class Worker:
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
        self.runs: dict[str, _Run] = {}
        # What was refused, each of which is said once.
        self.refused: set[str] = set()
        self.is_stopped = False

    async def work(self) -> None:
        """Work until it is stopped; what has begun is finished then."""
        await self.nats.subscribe("jobs.runs", cb=self.hear)
        beside = [asyncio.create_task(self.greet()), asyncio.create_task(self.forget())]
        try:
            await asyncio.gather(*(self.take_jobs() for _ in range(self.max_workers)))
        finally:
            await cancel(beside)

    async def greet(self) -> None:
        """Say hello, again and again."""
        worker = f"process {os.getpid()} on {platform.node()}"
        hello = {"version": VERSION, "function": self.function.__name__}
        while True:
            with suppress(*lost()):
                await self.nats.publish(
                    "jobs.workers", dump(hello | {"worker": worker})
                )
            await asyncio.sleep(HELLO)

    async def hear(self, message: Msg) -> None:
        """Hear of a run, which may be known already."""
        try:
            run = read(message.data, "function", "run")
            its_settings = Settings.from_message(run.get("settings", {}))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            problem = f"the jobs of a program are left alone: {error}"
            if problem not in self.refused:
                self.refused.add(problem)
                print_note(problem)
            return
        name = run["run"]
        if run["function"] != self.function.__name__ or self.only not in (None, name):
            return
        if name in self.runs:
            self.runs[name].heard = time.monotonic()
        else:
            self.runs[name] = _Run(name, its_settings)

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
                    with suppress(*lost()):
                        await self.jetstream.delete_stream(run.stream)
                except lost():
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
                    job = await take(self.nats, run.stream, "workers", time_to_wait)
                except lost():
                    # Should the run go on all the same, it will be heard of again.
                    self.runs.pop(run.name, None)
                    continue
                if job:
                    await self.do_job(job, run, process)
        finally:
            process.kill()

    async def do_job(self, job: Msg, run: _Run, process: _Process) -> None:
        """Do a job and store its answer; only then is it acknowledged.

        Where the process dies over it, the next worker gets it.
        """
        takers = job.metadata.num_delivered - 1
        if takers >= MOST_TAKERS:
            why = f"{takers} workers that had taken it have ended, and no other gets it"
            await self.store(job, run, dump({"failed": why}))
            return
        answering = asyncio.create_task(process.answer(job.data, run.settings))
        while not (await asyncio.wait([answering], timeout=PROGRESS))[0]:
            with suppress(*lost()):
                await job.in_progress()
        if answer := answering.result():
            await self.store(job, run, answer)
        else:
            with suppress(*lost()):
                await job.nak()

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
                why = (
                    f"its result takes {size} bytes, and the server no more than {most}"
                )
                answer = dump({"failed": why})
            except lost():
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
    """A process that calls the function, for one job at a time.

    It is started for its first job, and anew after one that it has died over. Threads
    would share a GIL, and one that crashes would take all of them along.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function
        self._process: Any = None
        self._writer: asyncio.StreamWriter | None = None

    async def answer(self, job: bytes, its_settings: Settings) -> bytes | None:
        """Wait for the answer to a job; there is none where the process dies over it."""
        if not self._writer:
            self._writer = await self._start()
        try:
            self._writer.write(pickle.dumps((job, its_settings)))
            length = int.from_bytes(await self._reader.readexactly(8), "big")
            return await self._reader.readexactly(length)
        except (EOFError, OSError):
            self.kill()
            return None

    async def _start(self) -> asyncio.StreamWriter:
        ours, theirs = socket.socketpair()
        self._process = CONTEXT.Process(
            target=_answer_all, args=(self._function, theirs, settings), daemon=True
        )
        self._process.start()
        # Its end is then open nowhere else, so that its death is seen at ours.
        theirs.close()
        self._reader, writer = await asyncio.open_connection(sock=ours)
        return writer

    def kill(self) -> None:
        """End it, whatever it does."""
        if self._process:
            self._process.kill()
            self._process.join()
        if self._writer:
            self._writer.close()
            self._writer = None


def _answer_all(
    function: Callable[[Any], Any], theirs: socket.socket, others: Settings
) -> None:
    """In the process: answer one job after the other."""
    adopt(others)
    if "--worker" in sys.argv[1:]:
        # Whoever forked this has handlers, which are not for here. A Ctrl-C at the
        # terminal is for the worker, which lets this finish its job.
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    with theirs.makefile("rwb") as pipe:
        while True:
            job, its_settings = pickle.load(pipe)
            quiet, trace = its_settings.quiet or others.quiet, others.trace
            vars(settings).update(
                vars(its_settings) | {"quiet": quiet, "trace": trace, "is_worker": True}
            )
            answer = _answer(function, job)
            pipe.write(len(answer).to_bytes(8, "big") + answer)
            pipe.flush()


def _answer(function: Callable[[Any], Any], job: bytes) -> bytes:
    """Call the function; what becomes of that is an answer in any case."""
    try:
        argument = _argument(function, job)
    except Exception as error:
        why = f"not an argument of {function.__name__}: {error}"
        return dump({"failed": why})
    try:
        return dump({"returned": function(argument)})
    except BaseException as error:
        if to_message := getattr(error, "to_message", None):
            return dump({"raised": to_message(argument)})
        return dump({"failed": f"{type(error).__name__}: {error}"})


def _argument(function: Callable[[Any], Any], job: bytes) -> Any:
    """Read what a function takes, as it is annotated."""
    parameters = inspect.signature(function, eval_str=True).parameters.values()
    takes, argument = next(iter(parameters)).annotation, json.loads(job)
    if from_message := getattr(takes, "from_message", None):
        return from_message(argument)
    if isinstance(takes, type) and not isinstance(argument, takes):
        raise TypeError(f"{argument!r} is no {takes.__name__}")
    return argument
