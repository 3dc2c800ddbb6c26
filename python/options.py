"""The command lines of the pages, and the reports that answer them.

In Rust: crates/workloads/src/options.rs
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import tracing
from texts import last_cause, without_passwords
from workloads import Photo, Saying, print_error, settings, write

if TYPE_CHECKING:
    from thumbnail import Thumbnail

T = TypeVar("T")
Item = TypeVar("Item")

# What the article fetches, calculates for and says.
URLS = [
    "https://www.python.org/",
    "https://www.djangoproject.com/",
    "https://flask.palletsprojects.com/",
]
NUMBERS = [100_000, 150_000, 200_000]
SAYINGS = [Saying(1, "hello"), Saying(2, "world")]

DAY = 24 * 60 * 60

# More would take days.
MAX_NUMBER = 10**12

MAX_SAYINGS = 10_000_000
MAX_WORKERS = 10_000

# A thumbnail of this size fits into a message of the job queue, whatever it shows.
MAX_SIZE = 1024

FETCH_AT_A_TIME = (
    "fetch N at a time; the sequential page always fetches one [default: 5]"
)


@dataclass(frozen=True)
class FetchUrlOptions:
    """The command line of the `*_fetch_url` pages."""

    urls: list[str]
    max_workers: int
    machines: Machines

    @classmethod
    def parse(
        cls, description: str | None, *, has_machines: bool = False
    ) -> FetchUrlOptions:
        parser = _parser(
            description,
            example="--max-workers 2 https://www.python.org/",
            max_workers=FETCH_AT_A_TIME,
            has_machines=has_machines,
        )
        parser.add_argument(
            "--live",
            action="store_const",
            const=URLS,
            help="fetch the three addresses of the article, from the internet",
        )
        args, urls = _parse_fetching(parser)
        return cls(urls, args.max_workers, Machines(args.server, args.wait))

    def report(self, results: Iterable[int | BaseException]) -> int:
        """Print each address with its length, or on stderr why there is none."""
        return _report(
            self.urls, results, lambda url, length: f"URL: {url}, Length: {length}\n"
        )


@dataclass(frozen=True)
class ThumbnailsOptions:
    """The command line of the `*_thumbnails` pages."""

    photos: list[Photo]
    output: Path | None
    max_workers: int
    machines: Machines

    @classmethod
    def parse(
        cls, description: str | None, *, has_machines: bool = False
    ) -> ThumbnailsOptions:
        parser = _parser(
            description,
            example="--size 200 --output thumbnails https://example.org/photo.jpg",
            max_workers=FETCH_AT_A_TIME,
            has_machines=has_machines,
        )
        parser.add_argument(
            "--size",
            metavar="PIXELS",
            type=whole_number(MAX_SIZE),
            default=128,
            help="shrink each photo to fit a square of this size, 1 to 1024 "
            "[default: 128]",
        )
        parser.add_argument(
            "--output",
            metavar="FOLDER",
            type=Path,
            help="write the thumbnails to this folder: the first one to 1.jpg, the "
            "second to 2.jpg, ...",
        )
        args, urls = _parse_fetching(parser)
        if args.output:
            # Before anything is fetched: the photos would be lost.
            try:
                _make_folder(args.output)
            except OSError as error:
                parser.error(f"argument --output: {args.output}: {error.strerror}")
        photos = [Photo(url, args.size) for url in urls]
        machines = Machines(args.server, args.wait)
        return cls(photos, args.output, args.max_workers, machines)

    def report(self, results: Iterable[Thumbnail | BaseException]) -> int:
        """Print each address with the size of its thumbnail, or on stderr why there is
        none. With `--output`, write the files.
        """
        numbered = enumerate(_to_the_end(results), 1)
        return _report(
            self.photos,
            (self._write(number, result) for number, result in numbered),
            lambda photo, thumbnail: f"URL: {photo}, Thumbnail: {thumbnail}\n",
        )

    def _write(
        self, number: int, result: Thumbnail | BaseException
    ) -> Thumbnail | BaseException:
        """Write a thumbnail if the command line asks for it. Returns it, or an error."""
        if self.output and not isinstance(result, BaseException):
            file = self.output / f"{number}.jpg"
            try:
                _write_whole(file, result.jpeg)
            except OSError as error:
                return OSError(f"cannot write {file}: {error.strerror}")
        return result


@dataclass(frozen=True)
class HeavyCalculationOptions:
    """The command line of the `*_heavy_calculation` pages."""

    numbers: list[int]
    max_workers: int
    machines: Machines

    @classmethod
    def parse(
        cls, description: str | None, *, has_machines: bool = False
    ) -> HeavyCalculationOptions:
        parser = _parser(
            description,
            example="--max-workers 2 20_000_000 30_000_000",
            max_workers="calculate for N at a time; the sequential page always "
            "calculates for one [default: one per usable core]",
            has_machines=has_machines,
        )
        parser.add_argument(
            "numbers",
            nargs="*",
            metavar="NUMBER",
            type=whole_number(MAX_NUMBER),
            help="numbers to calculate for, each from 1 to 10^12 "
            "[default: 100000 150000 200000]",
        )
        args = parser.parse_intermixed_args()
        _start(parser, args)
        numbers = args.numbers or NUMBERS
        max_workers = min(args.max_workers or usable_cores(), len(numbers))
        return cls(numbers, max_workers, Machines(args.server, args.wait))

    def report(self, results: Iterable[int | BaseException]) -> int:
        """Print each number with its result, or on stderr why there is none."""
        return _report(
            self.numbers,
            results,
            lambda num, result: f"Calculation for {num} returned {result}\n",
        )


@dataclass(frozen=True)
class SayAfterOptions:
    """The command line of the `*_say_after`, `async_gather*` and group pages."""

    listed: list[Saying]
    repeat: int
    fail: float | None
    max_workers: int
    machines: Machines

    @classmethod
    def parse(
        cls,
        description: str | None,
        *,
        most_workers: int = 1,
        has_machines: bool = False,
    ) -> SayAfterOptions:
        """Read the command line. A pool has at most `most_workers` by default."""
        parser = _parser(
            description,
            example="0.5:hello 1.5:world",
            max_workers="say N at a time [default: all, but no more than 10000 threads "
            "or 200 processes]; the sequential page says one, the async ones say all",
            has_machines=has_machines,
        )
        parser.add_argument(
            "sayings",
            nargs="*",
            metavar="SECONDS:WHAT",
            type=saying,
            help="what to say and how long to wait before it, at most a day "
            "[default: 1:hello 2:world]",
        )
        parser.add_argument(
            "--repeat",
            metavar="N",
            type=whole_number(MAX_SAYINGS),
            default=1,
            help="say the whole list N times over; every saying is a task of its own "
            "[default: 1]",
        )
        parser.add_argument(
            "--fail",
            metavar="SECONDS",
            type=positive_seconds,
            help="add a saying that fails after this time, at most a day",
        )
        args = parser.parse_intermixed_args()
        _start(parser, args)
        listed = args.sayings or SAYINGS
        count = len(listed) * args.repeat + bool(args.fail)
        max_workers = min(args.max_workers or most_workers, count)
        machines = Machines(args.server, args.wait)
        return cls(listed, args.repeat, args.fail, max_workers, machines)

    def sayings(self) -> Iterator[Saying]:
        """All sayings, `--fail`'s last."""
        for _ in range(self.repeat):
            yield from self.listed
        if self.fail:
            yield Saying(self.fail, None)

    def report(self, results: Iterable[BaseException | None]) -> int:
        """Say on stderr which sayings failed."""
        return _report(self.sayings(), results, lambda saying, result: "")

    def report_completed(self) -> int:
        """Say that all tasks are done, `--quiet` or not: it is a group's result."""
        count = len(self.listed) * self.repeat
        match count:
            case 1:
                write("The task has now completed.\n")
            case 2:
                write("Both tasks have now completed.\n")
            case _:
                write(f"All {count} tasks have now completed.\n")
        return 0


@dataclass(frozen=True)
class Machines:
    """Where the work is done, for the pages that can leave it to other machines."""

    server: str | None
    wait: float | None


def _parse_fetching(
    parser: argparse.ArgumentParser,
) -> tuple[argparse.Namespace, list[str]]:
    """Read the command line of a page that fetches. Returns it with its addresses."""
    parser.add_argument(
        "urls", nargs="*", metavar="URL", type=http_url, help="addresses to fetch"
    )
    parser.add_argument(
        "--from",
        dest="listed",
        metavar="FILE",
        type=_urls_from,
        help="take the addresses from a file, one a line (`-` is stdin)",
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=positive_seconds,
        default=settings.timeout,
        help="give up on an address after this time, redirects and body included; "
        "at most a day [default: 30]",
    )
    parser.add_argument(
        "--max-bytes",
        metavar="BYTES",
        type=whole_number(2**63),
        default=settings.max_bytes,
        help="give up on a body that is longer than this [default: 100 MiB]",
    )
    args = parser.parse_intermixed_args()
    live = getattr(args, "live", None)
    named = [urls for urls in (args.urls, args.listed, live) if urls]
    options = "one of --from and --live" if hasattr(args, "live") else "--from"
    if not named:
        parser.error(
            f"name addresses, or give {options} (`cargo xtask serve` starts a demo site)"
        )
    if len(named) > 1:
        parser.error(f"addresses cannot be used with {options}, nor these together")
    [urls] = named
    settings.timeout = args.timeout
    settings.max_bytes = args.max_bytes
    _start(parser, args)
    _allow_many_connections()
    _use_no_proxy_for_loopback(urls)
    args.max_workers = min(args.max_workers or 5, len(urls))
    return args, urls


def _report(
    items: Iterable[Item],
    results: Iterable[T | BaseException],
    line: Callable[[Item, T], str],
) -> int:
    """Print the results in order, failures on stderr, and return the exit code."""
    exit_code = 0
    lines = []
    for item, result in zip(items, _to_the_end(results)):
        if isinstance(result, BaseException):
            print_error(f"{item}: {last_cause(result)}")
            exit_code = 1
        else:
            lines.append(line(item, result))
    write("".join(lines))
    return exit_code


def _to_the_end(results: Iterable[T | BaseException]) -> Iterator[T | BaseException]:
    """The results. If the iterator raises, its exception for every remaining item.

    When a worker process dies, `executor.map` raises `BrokenProcessPool` and ends, also
    if later results are there.
    """
    try:
        yield from results
    except Exception as error:
        yield from itertools.repeat(error)


def _parser(
    description: str | None, *, example: str, max_workers: str, has_machines: bool
) -> argparse.ArgumentParser:
    """A parser with the options that all pages have; `max_workers` is a help text."""
    parser = argparse.ArgumentParser(
        description=description,
        epilog=f"Example: %(prog)s {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--quiet", action="store_true", help="print nothing but the results at the end"
    )
    parser.add_argument(
        "--trace",
        metavar="FILE",
        type=Path,
        help="record which item ran when and where, as a Chrome trace (for Perfetto or "
        "speedscope)",
    )
    workers = parser.add_mutually_exclusive_group()
    workers.add_argument(
        "--max-workers",
        metavar="N",
        type=whole_number(MAX_WORKERS),
        help=max_workers,
    )
    parser.set_defaults(server=None, wait=None)
    if has_machines:
        workers.add_argument(
            "--server",
            metavar="URL",
            type=server_url,
            help="leave the work to the workers at this NATS server, nats://HOST:4222 "
            "or tls://HOST:4222; `--worker --help` lists the variables that hold its "
            "password [default: a server and workers of its own]",
        )
        parser.add_argument(
            "--worker",
            action="store_true",
            help="be a worker at the server until SIGTERM; `--worker --help` lists "
            "what else that takes",
        )
        parser.add_argument(
            "--wait",
            metavar="SECONDS",
            type=positive_seconds,
            help="give up if no worker takes a job for this time, at most a day "
            "[default: never]",
        )
    return parser


def _start(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Do what `--quiet` and `--trace` ask for."""
    settings.quiet = args.quiet
    if args.trace:
        settings.trace = args.trace, time.monotonic_ns()
        try:
            tracing.start(*settings.trace)
        except OSError as error:
            parser.error(f"argument --trace: {error}")


# argparse makes a usage error of a `ValueError`, and shows the name of the function.


def whole_number(most: int) -> Callable[[str], int]:
    """What reads a whole number from 1 to `most`."""

    def read(text: str) -> int:
        with suppress(ValueError):
            if 1 <= (number := int(text)) <= most:
                return number
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from 1 to {most}"
        )

    return read


def check_number(number: int) -> None:
    """Check what a job queue has sent."""
    whole_number(MAX_NUMBER)(str(number))


def check_saying(saying: Saying) -> None:
    """Check what a job queue has sent."""
    positive_seconds(str(saying.delay))


def positive_seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 < (seconds := float(text)) <= DAY:
            return seconds
    raise argparse.ArgumentTypeError(
        f"{text!r} is not a time above 0 and up to {DAY} seconds"
    )


def check_photo(photo: Photo) -> None:
    """Check what a job queue has sent."""
    http_url(photo.url)
    whole_number(MAX_SIZE)(str(photo.size))


def saying(text: str) -> Saying:
    delay, colon, what = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form SECONDS:WHAT")
    return Saying(positive_seconds(delay), what)


def http_url(text: str) -> str:
    return _address(text, "http", "https")


def server_url(text: str) -> str:
    """One address of a server, or several with commas between."""
    for server in text.split(","):
        _address(server, "nats", "tls")
    return text


def _address(text: str, *schemes: str) -> str:
    with suppress(ValueError):
        parts = urlsplit(text)
        # A wrong port is an error when it is read.
        if parts.scheme in schemes and parts.hostname and (parts.port or True):
            return text
    forms = " or ".join(f"{scheme}://HOST" for scheme in schemes)
    raise argparse.ArgumentTypeError(
        f"{without_passwords(text)!r} is not of the form {forms}"
    )


def _urls_from(file: str) -> list[str]:
    """Read addresses, one a line, from a file or from stdin (`-`)."""
    try:
        # Editors on Windows begin a file with a mark, which `utf-8-sig` skips.
        with open(0 if file == "-" else file, encoding="utf-8-sig") as lines:
            urls = [http_url(line.strip()) for line in lines if line.strip()]
    except (OSError, ValueError, argparse.ArgumentTypeError) as error:
        raise argparse.ArgumentTypeError(f"{file}: {error}") from None
    if not urls:
        raise argparse.ArgumentTypeError(f"{file}: no address in it")
    return urls


def _make_folder(folder: Path) -> None:
    """Make a folder unless it exists; raises `OSError` if no file can be written there."""
    folder.mkdir(parents=True, exist_ok=True)
    probe = _unfinished(folder / "probe")
    probe.write_bytes(b"")
    probe.unlink()


def _write_whole(file: Path, content: bytes) -> None:
    """Write a file whole or not at all, even if the program is killed in between."""
    unfinished = _unfinished(file)
    try:
        unfinished.write_bytes(content)
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def _unfinished(file: Path) -> Path:
    """The name of a file until it is whole. Two programs that write it have two."""
    return file.with_suffix(f".unfinished-{os.getpid()}")


def usable_cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _allow_many_connections() -> None:
    """Raise the limit of open files, which is low on many systems."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _use_no_proxy_for_loopback(urls: list[str]) -> None:
    """Keep a proxy that the environment names out of local runs."""
    hosts = {urlsplit(url).hostname for url in urls}
    if hosts <= {"localhost", "127.0.0.1", "::1"}:
        os.environ["no_proxy"] = "*"
