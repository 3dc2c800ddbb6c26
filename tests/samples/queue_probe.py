"""Jobs for the tests of the job queue: the twin of queue-probe, with the same words."""

import argparse
import os
import sys
from pathlib import Path
from time import sleep

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))

from job_queue import JobQueue, worker_entry
from options import Machines
from workloads import run


class Raised(Exception):
    def to_message(self, job: str) -> str:
        return str(self)


def probe(job: str) -> str:
    match job.split(":"):
        case ["sleep", time]:
            sleep(int(time) / 1000)
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
    return "done"


def main() -> int:
    worker_entry(probe)
    parser = argparse.ArgumentParser()
    parser.add_argument("jobs", nargs="*")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--max-workers", type=int, default=2)
    parser.add_argument("--server")
    parser.add_argument("--wait", type=float)
    args = parser.parse_args()
    jobs = [
        "length:" + "x" * int(job.removeprefix("length*"))
        if job.startswith("length*")
        else job
        for job in args.jobs * args.repeat
    ]
    with JobQueue(Machines(args.server, args.wait), args.max_workers) as queue:
        results = queue.map(probe, jobs, raises=Raised)
    exit_code = 0
    for number, result in enumerate(results):
        match result:
            case str() if len(result) > 100:
                print(f"{number}: {len(result)} bytes")
            case str():
                print(f"{number}: {result}")
            case Raised():
                print(f"{number}: raised: {result}")
            case error:
                print(f"{number}: failed: {error}")
                exit_code = 1
    return exit_code


if __name__ == "__main__":
    run(main)
