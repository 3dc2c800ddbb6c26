"""Give the other tasks a turn in the middle of long work.

In Rust: phrasebook/tokio/examples/sleep-zero.rs
"""

import asyncio

turns = 0


async def clock() -> None:
    global turns
    while True:
        turns += 1
        await asyncio.sleep(0)


async def total() -> int:
    total = 0
    for number in range(1_000):
        if number % 100 == 0:
            await asyncio.sleep(0)
        total += number
    return total


async def main() -> None:
    ticking = asyncio.create_task(clock())
    result = await total()
    print(f"sum {result}, turns of the clock: {turns}")
    ticking.cancel()


asyncio.run(main())
