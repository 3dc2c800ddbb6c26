"""What all pages share: progress, errors, HTTP bodies, the way to run, the settings.

A page holds the work function and the concurrency; `options.py` holds the command line.
The HTTP libraries and asyncio are imported only by the pages that use them.

In Rust: crates/workloads
"""

from __future__ import annotations

import os
import signal
import string
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar
from urllib.parse import quote, urlsplit

import tracing
from texts import last_cause, printable, without_passwords

if TYPE_CHECKING:
    import httpx
    import requests

P = ParamSpec("P")
T = TypeVar("T")


# For the work functions


def say(line: str) -> None:
    """Print a line of progress, unless the command line says `--quiet`."""
    if not settings.quiet:
        write(f"{line}\n")


def returns_errors(work: Callable[P, T]) -> Callable[P, T | Exception]:
    """Make a function return its exception instead of raising it.

    `executor.map` raises the first exception, and the results after it are lost. With
    this decorator it hands on all results. The exception becomes one of our own: some
    exceptions of the libraries cannot be pickled, and so not be sent by a process.
    """

    @wraps(work)
    def call(*args: P.args, **kwargs: P.kwargs) -> T | Exception:
        try:
            return work(*args, **kwargs)
        except (SayError, ShrinkError) as error:
            return error
        except Exception as error:
            return FetchError(last_cause(error))

    return call


def read_body(response: requests.Response) -> bytes:
    """Read the whole body, up to `--max-bytes` and until `--timeout` has passed.

    The timeout of requests limits each wait for data; this limits the whole time. The
    time is checked after each wait, so a fetch can take one wait longer.
    """
    answers = [*response.history, response]
    elapsed = sum(answer.elapsed.total_seconds() for answer in answers)
    deadline = time.monotonic() + settings.timeout - elapsed
    body = bytearray()
    while time.monotonic() <= deadline:
        # `iter_content` would wait for a whole chunk.
        chunk = response.raw.read1(65_536, decode_content=True)
        if not chunk:
            return bytes(body)
        body += chunk
        _check_length(body)
    raise TimeoutError


async def aread_body(response: httpx.Response) -> bytes:
    """Read the whole body, up to `--max-bytes`."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        _check_length(body)
    return bytes(body)


def _check_length(body: bytearray) -> None:
    most = settings.max_bytes
    if len(body) > most:
        raise FetchError(f"the body is longer than {most} bytes (--max-bytes)")


class FetchError(Exception):
    """Why an address could not be fetched."""

    def to_message(self, item: str | Photo) -> dict[str, str]:
        """The error as a job queue sends it."""
        return {"address": _as_sent(_url_of(item)), "what": str(self)}

    @classmethod
    def from_message(cls, message: dict[str, str], item: str | Photo) -> FetchError:
        """The error that a job queue has sent: workers in Rust tell of redirects."""
        url = _url_of(item)
        address, what = printable(message["address"]), printable(message["what"])
        if _as_sent(address) == _as_sent(url):
            return cls(what)
        return cls(f"redirected to {address}: {what}")


def _url_of(item: str | Photo) -> str:
    return item.url if isinstance(item, Photo) else item


def _as_sent(url: str) -> str:
    """An address as a request names it, so that two of them can be compared."""
    parts = urlsplit(quote(url, safe=string.punctuation))
    host = parts.netloc.rpartition("@")[2].lower()
    return parts._replace(netloc=host, path=parts.path or "/", fragment="").geturl()


class ShrinkError(Exception):
    """Why a photo could not be shrunk."""

    @classmethod
    def from_message(cls, message: str, photo: Photo) -> ShrinkError:
        """The error that a job queue has sent."""
        return cls(printable(message))


class SayError(Exception):
    """Why nothing was said: `--fail` asked for it."""

    def __str__(self) -> str:
        return "this saying failed, as --fail asked"

    def to_message(self, saying: Saying) -> None:
        """The error as a job queue sends it: all are alike."""

    @classmethod
    def from_message(cls, message: None, saying: Saying) -> SayError:
        """The error that a job queue has sent."""
        return cls()


class Photo(NamedTuple):
    """One item of the `thumbnails` pages."""

    url: str
    # The thumbnail's largest width and height, in pixels.
    size: int

    def to_message(self) -> dict[str, Any]:
        """The photo as a job queue sends it."""
        return self._asdict()

    @classmethod
    def from_message(cls, message: Any) -> Photo:
        """The photo that a job queue has sent."""
        return cls(message["url"], message["size"])

    def __str__(self) -> str:
        return self.url


class Saying(NamedTuple):
    """One task of the `say_after` pages."""

    delay: float
    # None in the saying that `--fail` adds.
    what: str | None

    def text(self) -> str:
        """What to say; raises `SayError` in the saying that fails."""
        if self.what is None:
            raise SayError
        return self.what

    def to_message(self) -> dict[str, Any]:
        """The saying as a job queue sends it."""
        what = {"Err": None} if self.what is None else {"Ok": self.what}
        return {"delay": _to_duration(self.delay), "what": what}

    @classmethod
    def from_message(cls, message: Any) -> Saying:
        """The saying that a job queue has sent."""
        return cls(_from_duration(message["delay"]), message["what"].get("Ok"))

    def __str__(self) -> str:
        if self.what is None:
            return f"--fail {self.delay:g}"
        return f"{self.delay:g}:{self.what}"


# To run and to print


def run(main: Callable[[], int]) -> None:
    """Run `main` and exit with the code that it returns.

    Ctrl-C ends the program immediately, with all its threads. Python's own handler
    would raise `KeyboardInterrupt` in the main thread, which would wait for the others.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _exit_with(main)


def run_async(main: Callable[[], Coroutine[Any, Any, int]]) -> None:
    """Run `main` in asyncio and exit with the code that it returns.

    On Ctrl-C asyncio cancels all tasks. Then the program dies by SIGINT, which tells a
    shell that it was interrupted.
    """
    import asyncio

    try:
        _exit_with(lambda: asyncio.run(main()))
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)


def _exit_with(main: Callable[[], int]) -> None:
    try:
        exit_code = main()
        tracing.finish()
    except (ImportError, MemoryError, OSError, RuntimeError) as error:
        # nats-py is missing, or the system has no thread, process or disk space left.
        print_error(str(error) or type(error).__name__)
        # Immediately: a pool that failed while it started may hang at the exit.
        os._exit(1)
    sys.exit(exit_code)


def write(text: str) -> None:
    """Write text to stdout as a whole: lines of two threads must not mix."""
    try:
        print(without_passwords(text), end="", flush=True)
    except BrokenPipeError:
        # The reader has gone (`| head -1`).
        if not settings.is_worker:
            os._exit(0)
        # The main process meets the same pipe and ends the program.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print_error(f"cannot write to stdout: {error.strerror}")
        os._exit(1)


def print_error(error: object) -> None:
    """Print on stderr what went wrong."""
    _write_to_stderr(f"error: {error}\n")


def print_note(note: str) -> None:
    """Print on stderr what is good to know."""
    _write_to_stderr(f"note: {note}\n")


def _write_to_stderr(text: str) -> None:
    with suppress(OSError):
        print(without_passwords(text), end="", file=sys.stderr, flush=True)


# Settings


@dataclass
class Settings:
    """What holds for the whole program, its worker processes included."""

    quiet: bool = False
    timeout: float = 30.0
    max_bytes: int = 100 << 20
    is_worker: bool = False
    # The file, and the start of the clock that all processes share.
    trace: tuple[Path, int] | None = None

    def to_message(self) -> dict[str, Any]:
        """What holds on other machines too, as a job queue sends it."""
        timeout = _to_duration(self.timeout)
        return {"quiet": self.quiet, "timeout": timeout, "max_bytes": self.max_bytes}

    @classmethod
    def from_message(cls, message: Any) -> Settings:
        """The settings that a job queue has sent; the defaults for what is missing."""
        others = cls()
        others.quiet = bool(message.get("quiet", others.quiet))
        others.max_bytes = int(message.get("max_bytes", others.max_bytes))
        if "timeout" in message:
            others.timeout = _from_duration(message["timeout"])
        return others


settings = Settings()

# A terminal or a file may have no sign for a character of an address.
for stream in sys.stdout, sys.stderr:
    stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def adopt(others: Settings) -> None:
    """Take over the settings of the main program, in a worker process."""
    vars(settings).update(vars(others), is_worker=True)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if settings.trace:
        with suppress(OSError):
            tracing.start(*settings.trace, is_worker=True)


def _end_with_parent() -> None:
    """End this worker when its parent dies. A process pool would leave it behind."""
    from multiprocessing import parent_process

    if parent := parent_process():
        parent.join()
        os._exit(1)


def _to_duration(seconds: float) -> dict[str, int]:
    """A time as Rust writes it into a message."""
    secs, nanos = divmod(round(seconds * 1e9), 10**9)
    return {"secs": secs, "nanos": nanos}


def _from_duration(message: Any) -> float:
    return float(message["secs"] + message["nanos"] / 1e9)
