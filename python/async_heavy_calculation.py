"""Calculate from async code: the work goes to processes, the event loop stays free.

A calculation has no `await`, so in a coroutine it would hold up every other task until
it is done.

In Rust: examples-async/src/bin/async-heavy-calculation.rs
"""

import asyncio
from collections.abc import Iterable
from concurrent.futures import Executor, ProcessPoolExecutor

from workloads import HeavyCalculationOptions, adopt, run, say, settings


def heavy_calculation(num: int) -> int:
    say(f"Calculating for {num}...")
    return sum(i * i for i in range(num))


async def calculate_all(
    executor: Executor, numbers: Iterable[int]
) -> list[int | BaseException]:
    loop = asyncio.get_running_loop()
    calculations = [
        loop.run_in_executor(executor, heavy_calculation, num) for num in numbers
    ]
    return await asyncio.gather(*calculations, return_exceptions=True)


def main() -> int:
    options = HeavyCalculationOptions.parse(__doc__)
    # The pool is entered and left outside of the event loop, because leaving it blocks.
    with ProcessPoolExecutor(
        options.max_workers, initializer=adopt, initargs=(settings,)
    ) as executor:
        results = asyncio.run(calculate_all(executor, options.numbers))
    return options.report(results)


if __name__ == "__main__":
    run(main)
