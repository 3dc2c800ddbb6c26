"""Functions with other values than text: the twin of queue-values."""

import argparse
import math
import os
from collections.abc import Sequence
from typing import Any

import queue_times  # noqa: F401 - before the queue
from job_queue import JobQueue, worker_entry
from options import Machines
from workloads import run


def double(number: int) -> int:
    return number * 2


def backwards(data: Sequence[int]) -> Sequence[int]:
    return data[::-1]


def same(value: Any) -> Any:
    return value


FUNCTIONS = {
    "double": (double, [0, (1 << 63) - 1]),
    "backwards": (backwards, [b"", bytes([7]) * 290_000]),
    "same": (same, [b"\0\xff", -math.inf, 3 << 100, -(1 << 64), None, {"é": [1.5]}]),
    "nan": (same, [math.nan]),
}


def main() -> int:
    function, arguments = FUNCTIONS[os.environ["FUNCTION"]]
    worker_entry(function)
    parser = argparse.ArgumentParser()
    parser.add_argument("--server")
    args = parser.parse_args()
    with JobQueue(Machines(args.server, None), max_workers=1) as queue:
        for result in queue.map(function, arguments) * 2:
            # Rust sends bytes as a list.
            text = repr(list(result) if function is backwards else result)
            print(f"{len(text)} characters" if len(text) > 100 else text)
    return 0


if __name__ == "__main__":
    run(main)
