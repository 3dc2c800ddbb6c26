"""Record when each item of work begins and ends: `--trace FILE`, as a Chrome trace.

Perfetto and speedscope show it. A page puts `@traced` on its work function; then each
call is an item on the lane of its thread. A task of asyncio has no thread of its own:
it takes the first slot that is free.

In Rust: crates/workloads/src/trace.rs
"""

from __future__ import annotations

import heapq
import inspect
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

from texts import last_cause, without_passwords

Work = TypeVar("Work", bound=Callable[..., Any])


def traced(work: Work) -> Work:
    """Make each call of a function an item of the trace, if there is one."""
    name = work.__name__
    signature = inspect.signature(work)

    def call(trace: Trace, *args: Any, **kwargs: Any) -> Any:
        arguments = signature.bind(*args, **kwargs).arguments
        with trace.item(name, trace.thread(), arguments) as end:
            result = work(*args, **kwargs)
            end["return"] = str(result)
            return result

    async def task(trace: Trace, *args: Any, **kwargs: Any) -> Any:
        arguments = signature.bind(*args, **kwargs).arguments
        with trace.slot() as slot, trace.item(name, slot, arguments) as end:
            result = await work(*args, **kwargs)
            end["return"] = str(result)
            return result

    traced_work = task if inspect.iscoroutinefunction(work) else call

    @wraps(work)
    def call_or_trace(*args: Any, **kwargs: Any) -> Any:
        if trace:
            return traced_work(trace, *args, **kwargs)
        return work(*args, **kwargs)

    return cast(Work, call_or_trace)


def traced_part(work: Work) -> Work:
    """Make each call of a function a part of an item, in the lane of its thread."""

    @wraps(work)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not trace:
            return work(*args, **kwargs)
        with trace.item(work.__name__, trace.thread(), {}, kind="part") as end:
            result = work(*args, **kwargs)
            end["return"] = str(result)
            return result

    return cast(Work, call)


def start(file: Path, origin: int, *, is_worker: bool = False) -> None:
    """Trace this process from now on; raises `OSError` if the file cannot be opened.

    `origin` is the start of the clock that all processes of a program share.
    """
    global trace
    trace = Trace(file, origin, is_worker=is_worker)


def finish() -> None:
    """End the trace, if there is one; raises `OSError` if it could not be written."""
    if trace:
        trace.write("]\n")
        if trace.error:
            raise OSError(f"cannot write to {trace.path}: {trace.error.strerror}")


class Trace:
    """A JSON array with one event a line.

    Each line is written immediately, to the end of the file. So processes can share the
    file, and a program that is killed leaves what happened until then.
    """

    def __init__(self, path: Path, origin: int, *, is_worker: bool) -> None:
        if not is_worker:
            path.write_bytes(b"")
        self.path = path
        self.origin = origin
        self.file = path.open("ab", buffering=0)
        self.error: OSError | None = None
        self.lock = threading.Lock()
        self.lanes: dict[str, int] = {}
        self.slots = 0
        self.free_slots: list[int] = []
        self.separator = "," if is_worker else "[\n"
        process = "worker" if is_worker else Path(sys.argv[0]).name
        self.event("M", "process_name", args={"name": process})

    def event(self, kind: str, name: str, lane: int = 0, **more: object) -> None:
        event = {"name": name, "ph": kind, "pid": os.getpid(), "tid": lane, **more}
        # The lock keeps the events of all threads in the order of their times.
        with self.lock:
            if kind != "M":
                event["ts"] = (time.monotonic_ns() - self.origin) / 1000
            line = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
            self.write(f"{self.separator}{line}\n")
            self.separator = ","

    def write(self, text: str) -> None:
        """Write to the file until that fails; `finish` reports the failure."""
        if not self.error:
            try:
                self.file.write(text.encode(errors="replace"))
            except OSError as error:
                self.error = error

    def lane(self, name: str) -> int:
        """The number of the lane with this name."""
        with self.lock:
            is_new = name not in self.lanes
            lane = self.lanes.setdefault(name, len(self.lanes) + 1)
        if is_new:
            self.event("M", "thread_name", lane, args={"name": name})
        return lane

    def thread(self) -> int:
        """The lane of this thread."""
        return self.lane(threading.current_thread().name)

    @contextmanager
    def slot(self) -> Iterator[int]:
        """The lane of a task, which no other task gets until the end of the block."""
        if self.free_slots:
            slot = heapq.heappop(self.free_slots)
        else:
            self.slots += 1
            slot = self.slots
        self.count_tasks()
        try:
            yield self.lane(f"slot {slot}")
        finally:
            heapq.heappush(self.free_slots, slot)
            self.count_tasks()

    def count_tasks(self) -> None:
        tasks = self.slots - len(self.free_slots)
        self.event("C", "in flight", args={"items": tasks})

    @contextmanager
    def item(
        self, name: str, lane: int, arguments: dict[str, object], kind: str = "item"
    ) -> Iterator[dict[str, str]]:
        """An item of work, done by the block, which puts the result into the dict."""
        end: dict[str, str] = {}
        self.event("B", name, lane, cat=kind, args=_shown(arguments))
        try:
            yield end
        except Exception as error:
            end["error"] = without_passwords(last_cause(error))
            raise
        finally:
            outcome = {"args": end} if end else {}
            self.event("E", name, lane, cat=kind, **outcome)


def _shown(arguments: dict[str, object]) -> dict[str, str]:
    """Arguments as text: what the work is about, not an HTTP client."""
    shown: dict[str, object] = {}
    for name, value in arguments.items():
        if fields := getattr(value, "_asdict", None):
            shown |= fields()
        elif isinstance(value, (str, int)):
            shown[name] = value
    return {name: without_passwords(str(value)) for name, value in shown.items()}


trace: Trace | None = None
