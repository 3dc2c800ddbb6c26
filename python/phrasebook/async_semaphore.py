"""Async semaphore: at most `n` tasks do something at the same time.

In Rust: phrasebook/futures-util/examples/async-semaphore.rs
"""

import asyncio

now = most = 0  # Downloads now, and their maximum.


async def download() -> None:
    global now, most
    now += 1
    most = max(most, now)
    await asyncio.sleep(0)  # A download takes time.
    now -= 1


async def limited(semaphore: asyncio.Semaphore) -> None:
    async with semaphore:
        await download()


async def main() -> None:
    semaphore = asyncio.Semaphore(2)
    done = await asyncio.gather(*(limited(semaphore) for _ in range(6)))
    print(f"{len(done)} downloads, at most {most} at the same time")


asyncio.run(main())
