"""What every page shares and none of them is about: command lines, printing, errors.

The counterpart of the Rust crate `workloads`. A page holds the work function and the
concurrency; from here it takes its options, which also report the results, `say`, which
prints a line of progress, and `run` or `run_async`, which start `main`. The HTTP
libraries and asyncio are left to the pages, so that each pays only for what it uses.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import signal
import string
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, ParamSpec, TypeVar
from typing import BinaryIO
from urllib.parse import quote, urljoin, urlsplit

import tracing

if TYPE_CHECKING:
    import httpx
    import requests

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")

# The addresses that the article fetches.
LIVE_URLS = [
    "https://www.python.org/",
    "https://www.djangoproject.com/",
    "https://flask.palletsprojects.com/",
]
ARTICLE_NUMBERS = [100_000, 150_000, 200_000]

LARGEST_NUMBER = 10**12
LONGEST = 24 * 60 * 60.0
MOST_WORKERS = 10_000
MOST_SAYINGS = 10_000_000
LONGEST_URL = 65_000
MOST_URLS = 1_000_000
LONGEST_LIST = 100 << 20
LONGEST_SHOWN = 200


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
        """What holds on any machine, for workers elsewhere."""
        timeout = _to_duration(self.timeout)
        return {"quiet": self.quiet, "timeout": timeout, "max_bytes": self.max_bytes}

    @classmethod
    def from_message(cls, message: Any) -> Settings:
        """What came from elsewhere; what is not in it is as where nothing is said."""
        others = cls()
        others.quiet = bool(message.get("quiet", others.quiet))
        others.max_bytes = int(message.get("max_bytes", others.max_bytes))
        if "timeout" in message:
            others.timeout = _from_duration(message["timeout"])
        return others


settings = Settings()


def adopt(others: Settings) -> None:
    """Take over the settings of the main program: the initializer of a process pool."""
    vars(settings).update(vars(others), is_worker=True)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if settings.trace:
        try:
            tracing.start(*settings.trace, is_worker=True)
        except OSError as error:
            print_error(f"cannot write to {settings.trace[0]}: {error.strerror}")


def _end_with_parent() -> None:
    """End this worker when its parent dies; concurrent.futures leaves an orphan."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _to_duration(seconds: float) -> dict[str, int]:
    """A time as the Rust pages write it into a message."""
    secs, nanos = divmod(round(seconds * 1e9), 10**9)
    return {"secs": secs, "nanos": nanos}


def _from_duration(message: Any) -> float:
    return float(message["secs"] + message["nanos"] / 1e9)


# Command lines


@dataclass(frozen=True)
class Machines:
    """Where the work is done, for the pages that can leave it to other machines."""

    server: str | None = None
    wait: float | None = None


@dataclass(frozen=True)
class WorkerOptions:
    """The command line of a page that was started as a worker."""

    server: str
    max_workers: int

    @classmethod
    def parse(cls, function: str) -> WorkerOptions:
        parser = argparse.ArgumentParser(
            description=f"A worker that has {function}", allow_abbrev=False
        )
        parser.add_argument(
            "--worker",
            action="store_true",
            required=True,
            help="take jobs from the programs at a server, until SIGTERM or Ctrl-C",
        )
        parser.add_argument(
            "--server",
            metavar="URL",
            type=_server_url,
            required=True,
            help="the NATS server: nats://HOST:4222 or tls://HOST:4222, with "
            "user:password@ before the host where it asks for them",
        )
        parser.add_argument(
            "--max-workers",
            metavar="N",
            type=_whole_number(MOST_WORKERS),
            default=_usable_cores(),
            help="do this many jobs at a time, 1 to 10000, each in a process of its "
            "own [default: one per usable core]",
        )
        args = parser.parse_args()
        return cls(args.server, args.max_workers)


@dataclass(frozen=True)
class FetchUrlOptions:
    """The command line of the `*_fetch_url` pages."""

    urls: list[str]
    max_workers: int
    machines: Machines = Machines()

    @classmethod
    def parse(
        cls, description: str | None, *, has_machines: bool = False
    ) -> FetchUrlOptions:
        parser = _parser(description, "--max-workers 2 https://www.python.org/")
        parser.add_argument(
            "urls", nargs="*", metavar="URL", type=_url, help="addresses to fetch"
        )
        source = parser.add_mutually_exclusive_group()
        source.add_argument(
            "--from",
            dest="file",
            metavar="FILE",
            type=Path,
            help="take the addresses from a file, one a line (`-` is stdin); at most "
            "1000000 in 100 MiB",
        )
        source.add_argument(
            "--live",
            action="store_true",
            help="fetch the three addresses of the article, from the internet",
        )
        workers = _add_machines(parser) if has_machines else parser
        workers.add_argument(
            "--max-workers",
            metavar="N",
            type=_whole_number(MOST_WORKERS),
            default=5,
            help="fetch this many at a time, 1 to 10000; the sequential page always "
            "fetches one [default: 5]",
        )
        parser.add_argument(
            "--timeout",
            metavar="SECONDS",
            type=_seconds,
            default=settings.timeout,
            help="give up on an address after this time, its body included; at most a "
            "day [default: 30]",
        )
        parser.add_argument(
            "--max-bytes",
            metavar="BYTES",
            type=_whole_number(sys.maxsize),
            default=settings.max_bytes,
            help="give up on a body that is longer than this [default: 104857600]",
        )
        _add_trace(parser)
        args = parser.parse_intermixed_args()
        settings.quiet = args.quiet
        settings.timeout = args.timeout
        settings.max_bytes = args.max_bytes

        urls: list[str] = args.urls
        if urls and (args.file or args.live):
            option = "--from" if args.file else "--live"
            parser.error(f"argument {option}: not allowed with argument URL")
        if args.file:
            try:
                urls = _urls_from(args.file)
            except (OSError, ValueError) as error:
                cause = getattr(error, "strerror", None) or error
                parser.error(f"argument --from: {args.file}: {cause}")
        elif args.live:
            urls = LIVE_URLS
        elif not urls:
            parser.error(
                "no URL given: start the demo site with `cargo xtask serve` and name "
                "its pages, or fetch the article's with --live"
            )
        if socks := _socks_proxy():
            parser.error(
                f"{socks}: a SOCKS proxy, which this program cannot use (HTTP proxies "
                "it can)"
            )
        _raise_descriptor_limit()
        _spare_loopback_the_proxy()
        _start_trace(parser, args)
        return cls(urls, min(args.max_workers, len(urls)), _machines(args))

    def report(self, results: Iterable[int | BaseException]) -> int:
        """Print each address with its length, or on stderr why there is none."""
        return _report(
            self.urls, results, lambda url, length: f"URL: {url}, Length: {length}"
        )


@dataclass(frozen=True)
class HeavyCalculationOptions:
    """The command line of the `*_heavy_calculation` pages."""

    numbers: list[int]
    max_workers: int
    machines: Machines = Machines()

    @classmethod
    def parse(
        cls,
        description: str | None,
        *,
        can_trace: bool = False,
        has_machines: bool = False,
    ) -> HeavyCalculationOptions:
        """Read the command line; one page of the four has `--trace`."""
        parser = _parser(description, "--max-workers 2 20_000_000 30_000_000")
        parser.add_argument(
            "numbers",
            nargs="*",
            metavar="NUMBER",
            type=_whole_number(LARGEST_NUMBER),
            help="numbers to calculate for, each from 1 to 10^12 "
            "[default: 100000 150000 200000]",
        )
        workers = _add_machines(parser) if has_machines else parser
        workers.add_argument(
            "--max-workers",
            metavar="N",
            type=_whole_number(MOST_WORKERS),
            default=_usable_cores(),
            help="calculate for this many at a time, 1 to 10000; the sequential page "
            "always calculates for one [default: one per usable core]",
        )
        if can_trace:
            _add_trace(parser)
        args = parser.parse_intermixed_args()
        settings.quiet = args.quiet
        numbers = args.numbers or ARTICLE_NUMBERS
        if can_trace:
            _start_trace(parser, args)
        return cls(numbers, min(args.max_workers, len(numbers)), _machines(args))

    def report(self, results: Iterable[int | BaseException]) -> int:
        """Print each number with its result, or on stderr why there is none."""
        return _report(
            self.numbers,
            results,
            lambda num, total: f"Calculation for {num} returned {total}",
        )


class SayError(Exception):
    """Nothing was said, because `--fail` asked for that."""

    def __str__(self) -> str:
        return "a saying failed, as --fail asked"

    def to_message(self, saying: Saying) -> None:
        """What a job queue sends: all of them are alike."""

    @classmethod
    def from_message(cls, message: None, saying: Saying) -> SayError:
        """What a job queue has sent."""
        return cls()


class Saying(NamedTuple):
    """One task of the `say_after` pages."""

    delay: float
    text: str | None

    def what(self) -> str:
        """What to say; raises `SayError` where `--fail` put a failure in its place."""
        if self.text is None:
            raise SayError
        return self.text

    def to_message(self) -> dict[str, Any]:
        """What a job queue sends."""
        what = {"Err": None} if self.text is None else {"Ok": self.text}
        return {"delay": _to_duration(self.delay), "what": what}

    @classmethod
    def from_message(cls, message: Any) -> Saying:
        """What a job queue has sent."""
        return cls(_from_duration(message["delay"]), message["what"].get("Ok"))

    def __str__(self) -> str:
        return f"{self.delay:g}:{self.text}"


@dataclass(frozen=True)
class SayAfterOptions:
    """The command line of the `*_say_after`, `async_gather*` and group pages."""

    listed: list[Saying]
    repeat: int
    fail: float | None
    max_workers: int
    machines: Machines = Machines()

    @classmethod
    def parse(
        cls,
        description: str | None,
        *,
        most_workers: int = 0,
        can_fail: bool = False,
        has_machines: bool = False,
    ) -> SayAfterOptions:
        """Read the command line.

        A page with a pool says how many workers it may have where `--max-workers` does
        not; an async page has `--fail`.
        """
        parser = _parser(description, "0.5:hello 1.5:world")
        parser.add_argument(
            "sayings",
            nargs="*",
            metavar="SECONDS:WHAT",
            type=_saying,
            help="what to say and how long to wait before it, at most a day "
            "[default: 1:hello 2:world]",
        )
        parser.add_argument(
            "--repeat",
            metavar="N",
            type=_whole_number(MOST_SAYINGS),
            default=1,
            help="say the whole list this many times over; every saying is a task of "
            "its own [default: 1]",
        )
        workers = _add_machines(parser) if has_machines else parser
        if most_workers:
            workers.add_argument(
                "--max-workers",
                metavar="N",
                type=_whole_number(MOST_WORKERS),
                help="say this many at a time, 1 to 10000 [default: all, but no more "
                f"than {most_workers}]",
            )
        if can_fail:
            parser.add_argument(
                "--fail",
                metavar="SECONDS",
                type=_seconds,
                help="add a saying that fails after this time, at most a day",
            )
        args = parser.parse_intermixed_args()
        settings.quiet = args.quiet

        listed = args.sayings or [Saying(1, "hello"), Saying(2, "world")]
        count = len(listed) * args.repeat
        if count > MOST_SAYINGS:
            parser.error(
                f"argument --repeat: {len(listed)} sayings, repeated {args.repeat} "
                f"times, are more than {MOST_SAYINGS}"
            )
        max_workers = min(getattr(args, "max_workers", None) or most_workers, count)
        fail = getattr(args, "fail", None)
        return cls(listed, args.repeat, fail, max_workers, _machines(args))

    def sayings(self) -> Iterator[Saying]:
        """All the sayings, `--fail`'s last. Repeated ones are the same object."""
        yield from itertools.chain.from_iterable(
            itertools.repeat(self.listed, self.repeat)
        )
        if self.fail:
            yield Saying(self.fail, None)

    def report(self, results: Iterable[BaseException | None]) -> int:
        """Say on stderr which sayings failed."""
        exit_code = 0
        for saying, result in zip(self.sayings(), results, strict=True):
            if isinstance(result, BaseException):
                asked_for = isinstance(result, SayError)
                print_error(result if asked_for else f"{saying}: {result}")
                exit_code = 1
        return exit_code

    def report_completed(self) -> int:
        """Say that all tasks are done, `--quiet` or not: it is the group's result."""
        count = len(self.listed) * self.repeat
        all_tasks = "Both tasks" if count == 2 else f"All {count} tasks"
        _write(f"{all_tasks} have now completed.\n")
        return 0


def _parser(description: str | None, example: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=description,
        epilog=f"Example: %(prog)s {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--quiet", action="store_true", help="print nothing but the results at the end"
    )
    return parser


def _add_machines(parser: argparse.ArgumentParser) -> argparse._ActionsContainer:
    """Add what the pages with machines take; returns where `--max-workers` belongs."""
    parser.add_argument(
        "--worker",
        action="store_true",
        help="be a worker at the server until SIGTERM; `--worker --help` lists what "
        "else that takes",
    )
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=_seconds,
        help="give up where no worker takes a job for this time, at most a day",
    )
    workers = parser.add_mutually_exclusive_group()
    workers.add_argument(
        "--server",
        metavar="URL",
        type=_server_url,
        help="leave the work to the workers at this NATS server, nats://HOST:4222 or "
        "tls://HOST:4222 with user:password@ where it asks for them [default: a server "
        "and workers of its own]",
    )
    return workers


def _machines(args: argparse.Namespace) -> Machines:
    return Machines(getattr(args, "server", None), getattr(args, "wait", None))


def _server_url(text: str) -> str:
    with suppress(ValueError):
        url = urlsplit(text)
        if url.scheme in ("nats", "tls") and url.hostname and url.port != 0:
            return text
    raise argparse.ArgumentTypeError(
        f"{text!r} is not of the form nats://HOST:PORT or tls://HOST:PORT"
    )


def _add_trace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--trace",
        metavar="FILE",
        type=Path,
        help="record who did what when, as a Chrome trace (for Perfetto or speedscope)",
    )


def _start_trace(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Start the trace and its clock: the command line has been read."""
    if args.trace:
        settings.trace = args.trace, time.monotonic_ns()
        try:
            tracing.start(*settings.trace)
        except OSError as error:
            parser.error(f"argument --trace: {args.trace}: {error.strerror}")


def _whole_number(most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        with suppress(ValueError):
            if 1 <= (number := int(text)) <= most:
                return number
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from 1 to {most}"
        )

    return parse


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 < (seconds := float(text)) <= LONGEST:
            return seconds
    raise argparse.ArgumentTypeError(
        f"{text!r} is not a time above 0 and up to {LONGEST:.0f} seconds"
    )


def _saying(text: str) -> Saying:
    delay, colon, what = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form SECONDS:WHAT")
    return Saying(_seconds(delay), what)


def _url(text: str) -> str:
    problem = "not an http:// or https:// address"
    if len(text.encode(errors="surrogateescape")) > LONGEST_URL:
        problem = f"longer than {LONGEST_URL} bytes"
    else:
        try:
            url = urlsplit(text)
            if url.scheme in ("http", "https") and url.hostname and url.port != 0:
                # What a terminal would act on is sent encoded, and printed as it is sent.
                return "".join(quote(c) if _acts(c) else c for c in text)
            problem = _meant(text) or problem
        except ValueError as error:
            problem = str(error)
    raise argparse.ArgumentTypeError(f"{_shown(text)}: {problem}")


def _meant(text: str) -> str | None:
    """What was probably meant by an address without its scheme: `www.python.org`."""
    try:
        host = urlsplit(f"//{text}").hostname or ""
    except ValueError:
        return None
    is_here = host == "localhost" or host.startswith("127.")
    if not text.lower().startswith(host) or not (is_here or "." in host):
        return None
    scheme = "http" if is_here else "https"
    slash = "" if "/" in text else "/"
    return (
        "no http:// or https:// in front: did you mean "
        f"{_shown(f'{scheme}://{text}{slash}')}?"
    )


def _urls_from(file: Path) -> list[str]:
    """Read addresses, one a line, from a file or from stdin (`-`)."""
    if file == Path("-"):
        return _urls_in(sys.stdin.buffer)
    with file.open("rb") as source:
        return _urls_in(source)


def _urls_in(source: BinaryIO) -> list[str]:
    urls: list[str] = []
    length = 0
    # Of a line that is too long, so much as shows that it is.
    for number in itertools.count(1):
        if not (line := source.readline(LONGEST_URL + 10)):
            break
        length += len(line)
        if length > LONGEST_LIST:
            raise ValueError(f"longer than {LONGEST_LIST} bytes")
        # Windows editors mark a file as UTF-8 by an invisible character at its start.
        encoding = "utf-8-sig" if number == 1 else "utf-8"
        try:
            text = line.decode(encoding).strip()
        except UnicodeDecodeError:
            raise ValueError(f"line {number}: not UTF-8") from None
        if not text:
            continue
        if len(urls) == MOST_URLS:
            raise ValueError(f"more than {MOST_URLS} addresses")
        try:
            urls.append(_url(text))
        except argparse.ArgumentTypeError as error:
            raise ValueError(f"line {number}: {error}") from None
    if not urls:
        raise ValueError("no address in it")
    return urls


def _usable_cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _raise_descriptor_limit() -> None:
    """Every fetch in flight holds a descriptor, and systems start programs with few."""
    if sys.platform != "win32":
        import resource

        with suppress(OSError, ValueError):
            _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _socks_proxy() -> str | None:
    """The variable that names a proxy which neither HTTP library can use by itself."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if (proxy := os.environ.get(variable)) is not None:
                if proxy.startswith("socks"):
                    return variable
                break
    return None


def _spare_loopback_the_proxy() -> None:
    """Both HTTP libraries honour the proxy variables, and this one among them."""
    direct = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if direct != "*":
        os.environ["no_proxy"] = f"localhost,127.0.0.1,::1,{direct}"


# Printing, reporting, ending


def say(line: str) -> None:
    """Print a line of progress, unless the program was told to be `--quiet`."""
    if not settings.quiet:
        _write(f"{line}\n")


def print_error(error: object) -> None:
    """Say on stderr what went wrong; where nobody reads that either, it is lost."""
    with suppress(OSError):
        print(f"error: {error}", file=sys.stderr, flush=True)


def print_note(note: str) -> None:
    """Say on stderr what a person should know."""
    with suppress(OSError):
        print(f"note: {note}", file=sys.stderr, flush=True)


def _acts(c: str) -> bool:
    """Whether a terminal would act on a character instead of showing it."""
    return unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")


def _shown(text: str) -> str:
    """Text from a file or a server, fit to be printed: escaped, without a long middle."""
    if len(text) > LONGEST_SHOWN:
        half = LONGEST_SHOWN // 2
        text = f"{text[:half]}…{text[-half:]}"
    return "".join(f"\\u{{{ord(c):x}}}" if _acts(c) else c for c in text)


def _write(text: str) -> None:
    """Write to stdout; end the program quietly when nobody reads it (`| head -1`)."""
    try:
        # `print` writes the end of a line by itself: lines of two threads could mix.
        sys.stdout.buffer.write(text.encode(errors="surrogateescape"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        if not settings.is_worker:
            os._exit(0)
        # The end of the program is for its main process to decide, which meets the same
        # pipe. What is left in the buffer must not fail again when this one exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print_error(f"cannot write to stdout: {error.strerror}")
        os._exit(1)


def _report(
    items: Iterable[Item],
    results: Iterable[T | BaseException],
    line: Callable[[Item, T], str],
) -> int:
    """Print the results in order, failures on stderr, and return the exit code."""
    exit_code = 0
    lines = []
    for item, result in zip(items, results, strict=True):
        if isinstance(result, BaseException):
            print_error(f"{_shown(str(item))}: {result}")
            exit_code = 1
        else:
            lines.append(f"{line(item, result)}\n")
    _write("".join(lines))
    return exit_code


def outcome(
    function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T | Exception:
    """What the function returns or raises, as `gather(return_exceptions=True)`."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return error


def run(main: Callable[[], int]) -> NoReturn:
    """Run `main` and exit with the code that it returns.

    Ctrl-C is the end of the program, at once and with all its threads. Python's own
    handler raises in the main thread, which would wait for the others to finish.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _exit_with(main)


def run_async(main: Callable[[], Coroutine[Any, Any, int]]) -> NoReturn:
    """Run `main` in asyncio and exit with the code that it returns.

    On Ctrl-C asyncio cancels all tasks; then the program dies by SIGINT, as its parent
    process expects of it.
    """
    import asyncio

    try:
        _exit_with(lambda: asyncio.run(main()))
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
        sys.exit(130)  # Reached only where the platform has no such death to die.


def _exit_with(main: Callable[[], int]) -> NoReturn:
    try:
        exit_code = main()
        tracing.finish()
        sys.exit(exit_code)
    except MemoryError:
        print_error("out of memory")
    except (OSError, RuntimeError) as error:
        # The system has no thread or no process left to give, or no room for the trace.
        print_error(error)
    # At once: the half of a pool that did start may never end by itself.
    os._exit(1)


# HTTP


class FetchError(Exception):
    """Why a URL could not be fetched, in words; whoever reports it names the URL.

    Unlike the errors of the HTTP libraries it can travel between processes.
    """

    def to_message(self, url: str) -> dict[str, str]:
        """What a job queue sends: also where it happened, which this does not know."""
        return {"address": url, "what": str(self)}

    @classmethod
    def from_message(cls, message: Any, url: str) -> FetchError:
        """What a job queue has sent; redirects may have led to another address."""
        address, what = message["address"], message["what"]
        if _normal(address) == _normal(url):
            return cls(what)
        return cls(f"redirected to {_shown(address)}: {what}")


def _normal(url: str) -> str:
    """An address as it is sent, so that two of them can be compared."""
    parts = urlsplit(quote(url, safe=string.punctuation))
    host, path = parts.netloc.lower(), parts.path or "/"
    return parts._replace(netloc=host, path=path, fragment="").geturl()


@contextmanager
def fetch_errors() -> Iterator[None]:
    """Raise whatever goes wrong inside as a `FetchError` that names the root cause.

    The libraries wrap a cause several times over, and the outer layers say little.
    """
    try:
        yield
    except FetchError:
        raise
    except Exception as error:
        causes: list[BaseException] = [error]
        while cause := causes[-1].__cause__ or causes[-1].__context__:
            causes.append(cause)
        # The system's own timeout, of a connection attempt, has a number.
        if any(isinstance(c, TimeoutError) and c.errno is None for c in causes):
            raise FetchError(_timed_out()) from None
        # Some of it may be the server's own words.
        cause = _shown(str(causes[-1]) or type(causes[-1]).__name__)
        raise FetchError(cause) from None


def check_redirect(
    response: requests.Response, *_args: object, **_options: object
) -> None:
    """Refuse a redirect to what is no address: a hook of requests."""
    location = response.headers.get("location")
    if response.is_redirect and location is not None:
        # What requests has made of the bytes that the server sent.
        _check_redirect(response.url, location.encode("latin-1"))


async def acheck_redirect(response: httpx.Response) -> None:
    """The same for httpx."""
    if response.has_redirect_location:
        location = dict(response.headers.raw).get(b"Location")
        location = location or response.headers["location"].encode()
        _check_redirect(str(response.url), location)


def _check_redirect(url: str, location: bytes) -> None:
    if not location:
        # To the same address, and so again and again.
        raise FetchError("cannot follow the redirect: too many redirects")
    to = location.decode(errors="replace")
    try:
        target = urlsplit(urljoin(url, location.decode()))
        if target.scheme not in ("http", "https"):
            problem = f"the scheme is {target.scheme}, not http or https"
        elif not target.hostname or target.port == 0:
            problem = "not an address that a request could carry"
        else:
            return
    except ValueError as error:
        problem = str(error)
    raise FetchError(f"cannot follow the redirect to {_shown(to)}: {_shown(problem)}")


def read_body(response: requests.Response) -> bytes:
    """Read the whole body, up to `--max-bytes` and for as long as `--timeout` allows.

    requests limits each wait for data, not their sum; here the sum is limited, too (it
    may be exceeded by one wait). Nothing limits headers that come in drop by drop.
    """
    deadline = time.monotonic() + settings.timeout - response.elapsed.total_seconds()
    body = bytearray()
    while chunk := response.raw.read1(65_536, decode_content=True):
        body += chunk
        _check_length(body)
        if time.monotonic() > deadline:
            raise FetchError(_timed_out())
    return bytes(body)


async def aread_body(response: httpx.Response) -> bytes:
    """Read the whole body, up to `--max-bytes`."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        _check_length(body)
    return bytes(body)


def _check_length(body: bytearray) -> None:
    if len(body) > settings.max_bytes:
        most = settings.max_bytes
        raise FetchError(f"body is longer than {most} bytes (--max-bytes)")


def _timed_out() -> str:
    return f"timed out after {settings.timeout:g} s (--timeout)"
