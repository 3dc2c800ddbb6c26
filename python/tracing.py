"""Who did what when: `--trace FILE` records it, for Perfetto or speedscope to show.

What the crate `tracing` is to the Rust pages. A page puts `@traced` on its work function:
then each call is an item of the trace, on the lane of the thread that is busy with it. A
task of asyncio has no thread to itself; it takes the first slot that is free.
"""

from __future__ import annotations

import heapq
import inspect
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

Work = TypeVar("Work", bound=Callable[..., Any])


class Trace:
    """A Chrome trace in the making: an array of events, one a line.

    Each line is written at once, to the end of the file. So processes can share it, and
    of one that is killed it holds what happened until then.
    """

    def __init__(self, file: Path, origin: int, *, is_worker: bool) -> None:
        # Not above: a program that is not traced need not wait for it.
        from json import JSONEncoder

        self.file, self.origin = file, origin
        flags = os.O_APPEND if is_worker else os.O_APPEND | os.O_CREAT | os.O_TRUNC
        self.descriptor = os.open(file, os.O_WRONLY | flags, 0o666)
        self.error: OSError | None = None
        self.encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        self.lock = threading.Lock()
        self.lanes: set[int] = set()
        self.free: list[int] = []
        self.before = "," if is_worker else "[\n"
        process = "worker" if is_worker else Path(sys.argv[0]).name
        self.event("M", "process_name", args={"name": process})

    def event(self, kind: str, name: str, lane: int = 0, **more: object) -> None:
        event = {"name": name, "ph": kind, "pid": os.getpid(), "tid": lane}
        event.update((key, value) for key, value in more.items() if value)
        # The lock keeps the events of all threads in the order of their times.
        with self.lock:
            if kind != "M":
                event["ts"] = (time.monotonic_ns() - self.origin) / 1000
            self.write(f"{self.before}{self.encode(event)}\n")
            self.before = ","

    def write(self, text: str) -> None:
        """Write to the file, up to the first failure; `finish` is to report that."""
        line = text.encode(errors="replace")
        try:
            while line and not self.error:
                line = line[os.write(self.descriptor, line) :]
        except OSError as error:
            self.error = error

    def lane(self, number: int, name: str) -> int:
        if number not in self.lanes:
            self.lanes.add(number)
            self.event("M", "thread_name", number, args={"name": name})
        return number

    def thread(self) -> int:
        """The lane of this thread."""
        return self.lane(threading.get_native_id(), threading.current_thread().name)

    @contextmanager
    def slot(self) -> Iterator[int]:
        """The lane of a task, and of no other until the end of the block."""
        slot = heapq.heappop(self.free) if self.free else len(self.lanes) + 1
        self.lane(slot, f"slot {slot}")
        self.count_tasks()
        try:
            yield slot
        finally:
            heapq.heappush(self.free, slot)
            self.count_tasks()

    def count_tasks(self) -> None:
        tasks = len(self.lanes) - len(self.free)
        self.event("C", "in flight", args={"items": tasks})

    @contextmanager
    def item(
        self, name: str, lane: int, args: Mapping[str, object]
    ) -> Iterator[dict[str, str]]:
        """An item of work, which the block does; it notes the result in the dictionary."""
        # Text and numbers say what the work is about; a client does not.
        shown = {k: str(v) for k, v in args.items() if isinstance(v, (str, int, float))}
        end: dict[str, str] = {}
        self.event("B", name, lane, cat="item", args=shown)
        try:
            yield end
        except Exception as error:
            end["error"] = str(error)
            raise
        finally:
            self.event("E", name, lane, cat="item", args=end)


trace: Trace | None = None


def start(file: Path, origin: int, *, is_worker: bool = False) -> None:
    """Trace this process from now on; raises `OSError` if the file cannot be opened.

    `origin` is the start of the clock that all processes of a program share.
    """
    global trace
    trace = Trace(file, origin, is_worker=is_worker)


def finish() -> None:
    """Close the trace, if there is one; raises `OSError` if it is not whole."""
    if trace:
        trace.write("]\n")
        if trace.error:
            raise OSError(f"cannot write to {trace.file}: {trace.error.strerror}")


def traced(work: Work) -> Work:
    """Make each call of a function an item of the trace, if there is one."""
    name, signature = work.__name__, inspect.signature(work)

    @wraps(work)
    def traced_call(*args: Any, **kwargs: Any) -> Any:
        if not trace:
            return work(*args, **kwargs)
        arguments = signature.bind(*args, **kwargs).arguments
        with trace.item(name, trace.thread(), arguments) as end:
            result = work(*args, **kwargs)
            end["return"] = str(result)
            return result

    @wraps(work)
    async def traced_task(*args: Any, **kwargs: Any) -> Any:
        if not trace:
            return await work(*args, **kwargs)
        arguments = signature.bind(*args, **kwargs).arguments
        with trace.slot() as slot, trace.item(name, slot, arguments) as end:
            result = await work(*args, **kwargs)
            end["return"] = str(result)
            return result

    is_task = inspect.iscoroutinefunction(work)
    return cast(Work, traced_task if is_task else traced_call)
