"""Async stack (LIFO queue): the item that was put in last comes out first.

In Rust: phrasebook/tokio/examples/async-lifo-queue.rs
"""

import asyncio


async def main() -> None:
    plates: asyncio.LifoQueue[str] = asyncio.LifoQueue()
    await plates.put("white")
    await plates.put("blue")
    for _ in range(2):
        print(f"on the table: the {await plates.get()} plate")
    print(f"plates left: {plates.qsize()}")


asyncio.run(main())
