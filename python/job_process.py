"""A process that does the jobs of a worker, one at a time.

Threads would share a GIL, and a crash in one of them would end all.
"""

from __future__ import annotations

import asyncio
import inspect
import multiprocessing
import pickle
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from job_messages import Raises, all_failed, as_sent, decode, encode, error_as_sent
from nats_server import how_ended
from workloads import Settings, adopt, settings

# Fork is by far the fastest.
CONTEXT: Any = multiprocessing.get_context(
    "fork" if sys.platform == "linux" else "spawn"
)


@dataclass(frozen=True)
class Work:
    """What a worker does."""

    name: str
    function: Callable[[Any], Any]
    raises: Raises | None
    # Raises an exception for an argument that is out of bounds.
    check: Callable[[Any], object] | None


class Died(Exception):
    """How a process ended that had a job."""


class Process:
    """The process, seen from its host.

    It is started for its first job, and again for the first one after its end.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._process: Any = None
        self._writer: asyncio.StreamWriter | None = None

    async def answer(self, job: bytes, its_settings: Settings) -> bytes:
        """Wait for the answer to a job; raises `Died` if the process ends first."""
        if not self._writer:
            self._writer = await self._start()
        try:
            self._writer.write(pickle.dumps((job, its_settings)))
            length = int.from_bytes(await self._reader.readexactly(8), "big")
            return await self._reader.readexactly(length)
        except (EOFError, OSError):
            self.kill()
            raise Died(how_ended(self._process.exitcode)) from None

    async def _start(self) -> asyncio.StreamWriter:
        ours, theirs = socket.socketpair()
        self._process = CONTEXT.Process(
            target=_answer_all, args=(self._work, theirs, settings), daemon=True
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


def _answer_all(work: Work, theirs: socket.socket, others: Settings) -> None:
    """In the process: answer one job after the other."""
    # Where the host has forked, this thread has the name of the one that did.
    threading.current_thread().name = "MainThread"
    # The signal handlers of the host are not for this process. A Ctrl-C at the terminal
    # is for the host, which lets this process finish its job.
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    adopt(others)
    # Where the host has forked, `others` are the settings that each job changes.
    own = replace(others)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with theirs.makefile("rwb") as pipe:
        while True:
            job, its_settings = pickle.load(pipe)
            vars(settings).update(vars(its_settings), is_worker=True)
            settings.quiet = its_settings.quiet or own.quiet
            settings.trace = own.trace
            answer = _answer(work, job)
            pipe.write(len(answer).to_bytes(8, "big") + answer)
            pipe.flush()


def _answer(work: Work, job: bytes) -> bytes:
    """Do a job, and make its answer."""
    try:
        takes = _annotation(work.function)
        arguments = [_argument(takes, argument) for argument in decode(job)]
    except Exception as error:
        return all_failed(f"not an argument of {work.name}: {error}")
    try:
        for argument in arguments:
            if work.check:
                work.check(argument)
    except Exception as error:
        return all_failed(f"{work.name} refuses its argument: {error}")
    answers = [_call(work, argument) for argument in arguments]
    try:
        return encode(answers)
    except Exception as error:
        return all_failed(f"its result cannot be sent: {error}")


def _annotation(function: Callable[[Any], Any]) -> Any:
    """What the argument of a function is, as its annotation says."""
    parameters = inspect.signature(function, eval_str=True).parameters.values()
    annotation = next(iter(parameters)).annotation
    return Any if annotation is inspect.Parameter.empty else annotation


def _argument(takes: Any, argument: Any) -> Any:
    """An argument as it was before it was sent."""
    if from_message := getattr(takes, "from_message", None):
        return from_message(argument)
    if isinstance(takes, type) and takes is not Any:
        # Python takes an integer where a float is asked for.
        accepted = (int, float) if takes is float else takes
        if not isinstance(argument, accepted):
            raise TypeError(f"{argument!r} is no {takes.__name__}")
    return argument


def _call(work: Work, argument: Any) -> dict[str, Any]:
    """Call the function, and make an answer of what it returns or raises."""
    try:
        result = work.function(argument)
        # The decorator `returns_errors` makes an exception the result.
        if isinstance(result, BaseException):
            raise result
    except BaseException as error:
        try:
            return {"returned": {"Err": error_as_sent(error, argument, work.raises)}}
        except BaseException:
            return {"failed": f"{type(error).__name__}: {error}"}
    result = as_sent(result)
    return {"returned": {"Ok": result} if work.raises else result}
