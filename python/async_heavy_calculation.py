"""Calculate from async code: the work goes to processes, the event loop stays free.

A calculation has no `await`, so in a coroutine it would keep every other task waiting.

In Rust: examples-async/src/bin/async-heavy-calculation.rs
"""

import asyncio
from concurrent.futures import ProcessPoolExecutor

from options import HeavyCalculationOptions
from tracing import traced
from workloads import adopt, run, say, settings


@traced
def heavy_calculation(num: int) -> int:
    say(f"Calculating for {num}...")
    return sum(i * i for i in range(num))


async def main() -> int:
    options = HeavyCalculationOptions.parse(__doc__)
    loop = asyncio.get_running_loop()
    # A worker that is not forked starts with the default settings: `adopt` sets them.
    with ProcessPoolExecutor(
        max_workers=options.max_workers, initializer=adopt, initargs=(settings,)
    ) as executor:
        calculations = [
            loop.run_in_executor(executor, heavy_calculation, num)
            for num in options.numbers
        ]
        results = await asyncio.gather(*calculations, return_exceptions=True)
    return options.report(results)


if __name__ == "__main__":
    # Not `run_async`: a calculation cannot be cancelled, so Ctrl-C would wait for it.
    run(lambda: asyncio.run(main()))
