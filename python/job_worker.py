"""Workers of a job queue: they pull one job after the other and store its answer.

In Rust: crates/job-queue/src/worker.rs
"""

from __future__ import annotations

import argparse
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
from options import positive_integer, server_url, usable_cores
from workloads import Settings, adopt, print_note, settings

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

# The heartbeats of a worker, and of a job that takes long.
HELLO = 2.0
PROGRESS = 1.0

# How long a submitter may be silent: until no more of its jobs are taken, and until its
# workers ask whether it still exists.
SILENCE = 5.0
LONG_SILENCE = 30.0

# After this many deaths of its workers, a job is given to no other.
MOST_TAKERS = 3

# If several runs take turns, none waits long for the jobs of another.
SHORT_TURN = 0.05

# Fork is by far the fastest, and safe here, because there are no threads.
CONTEXT: Any = multiprocessing.get_context(
    "fork" if sys.platform == "linux" else "spawn"
)


def worker_entry(function: Callable[[Any], Any]) -> None:
    """Be a worker, and never return, if the command line says `--worker`.

    SIGTERM or Ctrl-C lets it finish its jobs and end; a second one ends it immediately.
    """
    if "--worker" not in sys.argv[1:]:
        return
    parser = argparse.ArgumentParser(
        description=f"A worker that has {function.__name__}", allow_abbrev=False
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
        help="the NATS server: nats://HOST:4222 or tls://HOST:4222, with "
        "user:password@ before the host where it asks for them",
    )
    parser.add_argument(
        "--max-workers",
        metavar="N",
        type=positive_integer,
        default=usable_cores(),
        help="do N jobs at a time, each in a process of its own [default: one per "
        "usable core]",
    )
    args = parser.parse_args()
    asyncio.run(_work(function, args.server, args.max_workers))
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

    # Windows has no such handlers: a worker just ends there, and others do its jobs.
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
    """Cancel tasks and wait for their end."""
    # In Python 3.11 `wait_for`, which nats-py uses, may miss that it is cancelled.
    while waiting := [task for task in tasks if not task.done()]:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=0.1)


class Worker:
    """Pulls jobs, `max_workers` at a time, and has each done in a process."""

    def __init__(
        self,
        client: Client,
        function: Callable[[Any], Any],
        max_workers: int,
        only: str | None = None,
    ) -> None:
        """Work for the run `only`, or for all runs."""
        self.nats, self.jetstream = client, client.jetstream()
        self.function, self.only = function, only
        self.max_workers = max_workers
        self.runs: dict[str, _Run] = {}
        # The runs that were refused: each is noted once.
        self.refused: set[str] = set()
        self.is_stopped = False

    async def work(self) -> None:
        """Work until `is_stopped`, and finish the jobs that have begun."""
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
        """Note that a run exists, which may be known already."""
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
        """Forget the runs without a submitter, and delete their streams.

        A submitter that is only stopped still has its connection.
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
        """Do one job after the other, from all runs in turn."""
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
                    # If the run still exists, its next heartbeat brings it back.
                    self.runs.pop(run.name, None)
                    continue
                if job:
                    await self.do_job(job, run, process)
        finally:
            process.kill()

    async def do_job(self, job: Msg, run: _Run, process: _Process) -> None:
        """Do a job, store its answer, and acknowledge the job only then.

        If the process dies, the next worker gets the job.
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
        """Store an answer, and acknowledge its job; try again until that works."""
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
                # The submitter is gone.
                if run.silence() > SILENCE:
                    return
                await asyncio.sleep(0.1)


class _Run:
    """A run, as a worker sees it."""

    def __init__(self, name: str, its_settings: Settings) -> None:
        self.name, self.stream = name, f"jobs-{name}"
        self.settings = its_settings
        self.heard = time.monotonic()

    def silence(self) -> float:
        return time.monotonic() - self.heard


class _Process:
    """A process that calls the function, for one job at a time.

    It is started for its first job, and again after it has died. Threads would share a
    GIL, and a crash in one of them would end all.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function
        self._process: Any = None
        self._writer: asyncio.StreamWriter | None = None

    async def answer(self, job: bytes, its_settings: Settings) -> bytes | None:
        """Wait for the answer to a job; `None` if the process dies."""
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
        # The process alone holds that end now: when it dies, ours is closed.
        theirs.close()
        self._reader, writer = await asyncio.open_connection(sock=ours)
        return writer

    def kill(self) -> None:
        """End it immediately."""
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
        # The signal handlers of the parent are not for this process. A Ctrl-C at the
        # terminal is for the parent, which lets this process finish its job.
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
    """Call the function, and make an answer of what it returns or raises."""
    try:
        argument = _argument(function, job)
    except Exception as error:
        why = f"not an argument of {function.__name__}: {error}"
        return dump({"failed": why})
    try:
        result = function(argument)
        # The decorator `returns_errors` makes an exception the result.
        if not isinstance(result, Exception):
            return dump({"returned": result})
    except BaseException as error:
        result = error
    if to_message := getattr(result, "to_message", None):
        return dump({"raised": to_message(argument)})
    return dump({"failed": f"{type(result).__name__}: {result}"})


def _argument(function: Callable[[Any], Any], job: bytes) -> Any:
    """Read the argument of a function, as its annotation says."""
    parameters = inspect.signature(function, eval_str=True).parameters.values()
    takes, argument = next(iter(parameters)).annotation, json.loads(job)
    if from_message := getattr(takes, "from_message", None):
        return from_message(argument)
    if isinstance(takes, type) and not isinstance(argument, takes):
        raise TypeError(f"{argument!r} is no {takes.__name__}")
    return argument
