"""Yield: let other tasks run in the middle of a long computation.

In Rust: phrasebook/tokio/examples/sleep-zero.rs
"""

import asyncio


async def request_stop(stop: asyncio.Event) -> None:
    print("the other task runs")
    stop.set()


async def count(stop: asyncio.Event) -> int:
    """A long computation, which another task can stop."""
    number = 0
    while not stop.is_set():
        number += 1
        if number % 1_000 == 0:
            await asyncio.sleep(0)  # Without it, the other task would never run.
    return number


async def main() -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(request_stop(stop))
        await count(stop)
    print("the computation is stopped")


asyncio.run(main())
