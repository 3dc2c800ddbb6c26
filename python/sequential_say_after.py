"""Wait and say, one after another: the plain loop every model is measured against.

In Rust: examples-sequential/src/bin/sequential-say-after.rs
"""

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
    options = SayAfterOptions.parse(__doc__)
    results = [say_after(saying) for saying in options.sayings()]
    return options.report(results)


if __name__ == "__main__":
    run(main)
