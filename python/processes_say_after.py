"""Wait and say on a pool of processes, each of which sleeps for one saying at a time.

In Rust: examples-processes/src/bin/processes-say-after.rs
"""

from concurrent.futures import ProcessPoolExecutor
from time import sleep

from workloads import SayAfterOptions, Saying, adopt, outcome, run, say, settings


def say_after(saying: Saying) -> None:
    sleep(saying.delay)
    say(saying.what())


def main() -> int:
    options = SayAfterOptions.parse(__doc__, most_workers=200)
    with ProcessPoolExecutor(
        options.max_workers, initializer=adopt, initargs=(settings,)
    ) as executor:
        # When a worker dies, `executor.map` would not tell what was said by then.
        futures = [executor.submit(say_after, saying) for saying in options.sayings()]
    return options.report(outcome(future.result) for future in futures)


if __name__ == "__main__":
    run(main)
