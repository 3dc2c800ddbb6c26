"""Wait and say on a pool of processes, each of which sleeps for one saying at a time.

In Rust: examples-processes/src/bin/processes-say-after.rs
"""

from concurrent.futures import ProcessPoolExecutor
from time import sleep

from options import SayAfterOptions
from tracing import traced
from workloads import Saying, adopt, returns_errors, run, say, settings


@returns_errors
@traced
def say_after(saying: Saying) -> None:
    sleep(saying.delay)
    say(saying.text())


def main() -> int:
    options = SayAfterOptions.parse(__doc__, most_workers=200)
    # A worker that is not forked starts with the default settings: `adopt` sets them.
    with ProcessPoolExecutor(
        max_workers=options.max_workers, initializer=adopt, initargs=(settings,)
    ) as executor:
        results = executor.map(say_after, options.sayings())
    return options.report(results)


if __name__ == "__main__":
    run(main)
