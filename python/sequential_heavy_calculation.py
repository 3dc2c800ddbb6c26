"""Calculate for one number after another, to measure every model against.

In Rust: examples-sequential/src/bin/sequential-heavy-calculation.rs
"""

from options import HeavyCalculationOptions
from tracing import traced
from workloads import run, say


@traced
def heavy_calculation(num: int) -> int:
    say(f"Calculating for {num}...")
    return sum(i * i for i in range(num))


def main() -> int:
    options = HeavyCalculationOptions.parse(__doc__)
    results = [heavy_calculation(num) for num in options.numbers]
    return options.report(results)


if __name__ == "__main__":
    run(main)
