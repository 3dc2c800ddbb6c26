"""Jobs for the tests of the job queue: the twin of queue-probe, with the same words."""

import argparse
import itertools
import os
import sys
from time import sleep

import queue_times  # noqa: F401 - before the queue
from job_queue import JobQueue, worker_entry
from options import Machines
from workloads import run


class Raised(Exception):
    def to_message(self, job: str) -> str:
        return str(self)


def probe(job: str) -> str:
    if "SICK" in os.environ:
        os.abort()
    match job.split(":"):
        case ["sleep", time]:
            sleep(int(time) / 1000)
        case ["sleep", time, file]:
            note(file, "begin")
            sleep(int(time) / 1000)
            note(file, "end")
        case ["length", text]:
            return str(len(text))
        case ["long", size]:
            return "x" * int(size)
        case ["raise"]:
            raise Raised("it was raised")
        case ["panic"]:
            raise RuntimeError("it panicked")
        case ["exit"]:
            os._exit(7)
        case ["abort"]:
            os.abort()
        case _:
            raise Raised("what is that?")
    return "done"


def note(file: str, what: str) -> None:
    with open(file, "a") as diary:
        diary.write(f"{what} {os.getpid()}\n")


def check(job: str) -> None:
    if job == "forbidden":
        raise ValueError("it is forbidden")


def main() -> int:
    version = os.environ.get("VERSION", "")
    worker_entry(probe, raises=Raised, check=check, version=version)
    parser = argparse.ArgumentParser()
    parser.add_argument("jobs", nargs="*")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--max-workers", type=int, default=2)
    parser.add_argument("--chunk", type=int, default=1)
    parser.add_argument("--as-completed", action="store_true")
    parser.add_argument("--time-limit", type=float)
    parser.add_argument("--then", choices=["panic"])
    parser.add_argument("--server")
    parser.add_argument("--wait", type=float)
    args = parser.parse_args()

    def rest():
        if args.then:
            raise RuntimeError("the iterator panicked")
        yield from ()

    # Some jobs are too long for a command line.
    listed = [
        "length:" + "x" * int(job.removeprefix("length*"))
        if job.startswith("length*")
        else job
        for job in args.jobs * args.repeat
    ]
    jobs = itertools.chain(listed, rest())
    with JobQueue(Machines(args.server, args.wait), args.max_workers) as queue:
        results = queue.as_completed(
            probe, jobs, chunksize=args.chunk, time_limit=args.time_limit
        )
        if not args.as_completed:
            results = iter(sorted(results, key=lambda result: result[0]))
        return max([print_result(*result) for result in results], default=0)


def print_result(number: int, result: object) -> int:
    match result:
        case str() if len(result) > 100:
            print(f"{number}: {len(result)} bytes")
        case str():
            print(f"{number}: {result}")
        case Raised():
            print(f"{number}: raised: {result}")
        case error:
            print(f"{number}: failed: {error}")
            return 1
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    run(main)
