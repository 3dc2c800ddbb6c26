"""Lock held across an await: share a cache, but let the downloads overlap.

In Rust: phrasebook/futures-util/examples/lock-across-await.rs
"""

import asyncio

now = most = 0  # Downloads now, and their maximum.


async def fetch(page: int) -> str:
    global now, most
    now += 1
    most = max(most, now)
    await asyncio.sleep(0)  # A download takes time.
    now -= 1
    return f"text of page {page}"


async def remember(cache: dict[int, str], page: int) -> None:
    text = await fetch(page)
    cache[page] = text  # No lock: there is no await in between.


async def remember_slowly(
    cache: dict[int, str], lock: asyncio.Lock, page: int
) -> None:
    async with lock:
        cache[page] = await fetch(page)  # Wrong: locked for the whole download.


async def main() -> None:
    global most
    cache: dict[int, str] = {}
    await asyncio.gather(*(remember(cache, page) for page in range(4)))
    print(f"{len(cache)} pages in the cache, {most} downloads at the same time")

    cache = {}
    most = 0
    lock = asyncio.Lock()
    await asyncio.gather(*(remember_slowly(cache, lock, page) for page in range(4)))
    print(f"trap: {len(cache)} pages in the cache, {most} download at a time")


asyncio.run(main())
