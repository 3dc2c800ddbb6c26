"""Calculate on the cores of several machines, which take numbers from a queue.

Without `--server` this starts a server and workers of its own.

In Rust: examples-machines/src/bin/machines-heavy-calculation.rs
"""

from job_queue import JobQueue, worker_entry
from options import HeavyCalculationOptions, check_number
from tracing import traced
from workloads import run, say


@traced
def heavy_calculation(num: int) -> int:
    say(f"Calculating for {num}...")
    return sum(i * i for i in range(num))


def main() -> int:
    # A worker is this same program, started with --worker, here or on another machine.
    worker_entry(heavy_calculation, check=check_number)
    options = HeavyCalculationOptions.parse(__doc__, has_machines=True)
    with JobQueue(options.machines, options.max_workers) as queue:
        results = queue.map(heavy_calculation, options.numbers)
    return options.report(results)


if __name__ == "__main__":
    run(main)
