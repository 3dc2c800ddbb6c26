"""Calculate on a pool of processes: each has a GIL of its own, so they use all cores.

In Rust: examples-processes/src/bin/processes-heavy-calculation.rs
"""

from concurrent.futures import ProcessPoolExecutor

from options import HeavyCalculationOptions
from tracing import traced
from workloads import adopt, run, say, settings


@traced
def heavy_calculation(num: int) -> int:
    say(f"Calculating for {num}...")
    return sum(i * i for i in range(num))


def main() -> int:
    options = HeavyCalculationOptions.parse(__doc__)
    # A worker that is not forked starts with the default settings: `adopt` sets them.
    with ProcessPoolExecutor(
        max_workers=options.max_workers, initializer=adopt, initargs=(settings,)
    ) as executor:
        results = executor.map(heavy_calculation, options.numbers)
    return options.report(results)


if __name__ == "__main__":
    run(main)
