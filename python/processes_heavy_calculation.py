"""Calculate on a pool of processes: each has a GIL of its own, so they share all cores.

In Rust: examples-processes/src/bin/processes-heavy-calculation.rs
"""

from concurrent.futures import ProcessPoolExecutor

from workloads import HeavyCalculationOptions, adopt, outcome, run, say, settings


def heavy_calculation(num: int) -> int:
    say(f"Calculating for {num}...")
    return sum(i * i for i in range(num))


def main() -> int:
    options = HeavyCalculationOptions.parse(__doc__)
    with ProcessPoolExecutor(
        options.max_workers, initializer=adopt, initargs=(settings,)
    ) as executor:
        # When a worker dies, `executor.map` would lose what is done by then.
        futures = [executor.submit(heavy_calculation, num) for num in options.numbers]
    return options.report(outcome(future.result) for future in futures)


if __name__ == "__main__":
    run(main)
