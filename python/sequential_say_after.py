"""Wait and say, one after another: the plain loop every model is measured against.

In Rust: examples-sequential/src/bin/sequential-say-after.rs
"""

from time import sleep

from workloads import SayAfterOptions, Saying, run, say


def say_after(saying: Saying) -> None:
    sleep(saying.delay)
    say(saying.what())


def main() -> int:
    options = SayAfterOptions.parse(__doc__)
    for saying in options.sayings():
        say_after(saying)
    return 0


if __name__ == "__main__":
    run(main)
