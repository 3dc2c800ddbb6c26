"""Wait and say on a pool of threads, each of which sleeps for one saying at a time.

In Rust: examples-threads/src/bin/threads-say-after.rs
"""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

from options import SayAfterOptions
from tracing import traced
from workloads import Saying, returns_errors, run, say


@returns_errors
@traced
def say_after(saying: Saying) -> None:
    sleep(saying.delay)
    say(saying.text())


def main() -> int:
    options = SayAfterOptions.parse(__doc__, most_workers=10_000)
    with ThreadPoolExecutor(max_workers=options.max_workers) as executor:
        results = executor.map(say_after, options.sayings())
    return options.report(results)


if __name__ == "__main__":
    run(main)
