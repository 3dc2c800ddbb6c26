"""Yield: let other tasks run in the middle of a long computation.

In Rust: phrasebook/tokio/examples/sleep-zero.rs
"""

import asyncio


async def greet() -> None:
    print("the other task runs")


async def count_until_done(other: asyncio.Task[None]) -> int:
    """A computation that ends only when another task has finished."""
    count = 0
    while not other.done():
        count += 1
        if count % 1_000 == 0:
            await asyncio.sleep(0)  # Without it, the loop never ends.
    return count


async def main() -> None:
    other = asyncio.create_task(greet())
    await count_until_done(other)
    print("the computation has ended")


asyncio.run(main())
