"""Let at most so many tasks do something at once.

In Rust: phrasebook/futures-util/examples/async-semaphore.rs
"""

import asyncio

now = most = 0


async def download() -> None:
    global now, most
    now += 1
    most = max(most, now)
    await asyncio.sleep(0)  # The bytes come from far away.
    now -= 1


async def polite(line: asyncio.Semaphore) -> None:
    async with line:
        await download()


async def main() -> None:
    line = asyncio.Semaphore(2)
    done = await asyncio.gather(*(polite(line) for _ in range(6)))
    print(f"{len(done)} downloads, at most {most} at once")


asyncio.run(main())
