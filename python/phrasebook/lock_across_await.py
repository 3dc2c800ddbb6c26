"""Share a cache between tasks without making them wait for each other's downloads.

In Rust: phrasebook/futures-util/examples/lock-across-await.rs
"""

import asyncio

now = most = 0


async def fetch(page: int) -> str:
    global now, most
    now += 1
    most = max(most, now)
    await asyncio.sleep(0)  # The text comes from far away.
    now -= 1
    return f"text of page {page}"


async def remember(cache: dict[int, str], page: int) -> None:
    text = await fetch(page)
    cache[page] = text  # No lock: without an await nobody else comes between.


async def main() -> None:
    cache: dict[int, str] = {}
    await asyncio.gather(*(remember(cache, page) for page in range(4)))
    print(f"{len(cache)} pages in the cache, {most} fetched at once")


asyncio.run(main())
