"""Calculate on a pool of threads, no faster than the plain loop: that is the GIL.

Only one thread at a time may run Python code, so the threads take turns on one core. A
free-threaded interpreter (3.13t and later) has no GIL, and its threads use all cores.

In Rust: examples-threads/src/bin/threads-heavy-calculation.rs
"""

from concurrent.futures import ThreadPoolExecutor

from options import HeavyCalculationOptions
from tracing import traced
from workloads import run, say


@traced
def heavy_calculation(num: int) -> int:
    say(f"Calculating for {num}...")
    return sum(i * i for i in range(num))


def main() -> int:
    options = HeavyCalculationOptions.parse(__doc__)
    with ThreadPoolExecutor(max_workers=options.max_workers) as executor:
        results = executor.map(heavy_calculation, options.numbers)
    return options.report(results)


if __name__ == "__main__":
    run(main)
