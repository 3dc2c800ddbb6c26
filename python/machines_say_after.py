"""Wait and say on any number of machines, which take sayings from a queue.

Without `--server` this starts a server and workers of its own.

In Rust: examples-machines/src/bin/machines-say-after.rs
"""

from time import sleep

from job_queue import JobQueue, worker_entry
from options import SayAfterOptions, check_saying
from tracing import traced
from workloads import SayError, Saying, returns_errors, run, say


@returns_errors
@traced
def say_after(saying: Saying) -> None:
    sleep(saying.delay)
    say(saying.text())


def main() -> int:
    # A worker is this same program, started with --worker, here or on another machine.
    worker_entry(say_after, raises=SayError, check=check_saying)
    options = SayAfterOptions.parse(__doc__, most_workers=200, has_machines=True)
    with JobQueue(options.machines, options.max_workers) as queue:
        results = queue.map(say_after, options.sayings())
    return options.report(results)


if __name__ == "__main__":
    run(main)
