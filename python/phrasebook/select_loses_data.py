"""`select!` in a loop: lose nothing that an unfinished future has already taken.

In Rust: phrasebook/tokio/examples/select-loses-data.rs
"""

import asyncio


async def pair(shoes: asyncio.Queue[str]) -> tuple[str, str]:
    """Two steps: after the first step it holds a shoe."""
    return await shoes.get(), await shoes.get()


async def main() -> None:
    shoes: asyncio.Queue[str] = asyncio.Queue()
    bell: asyncio.Queue[None] = asyncio.Queue()

    await shoes.put("left")
    await bell.put(None)
    next_pair = asyncio.create_task(pair(shoes))
    ring = asyncio.create_task(bell.get())
    while not next_pair.done():
        await asyncio.wait({next_pair, ring}, return_when=asyncio.FIRST_COMPLETED)
        if ring.done():
            print("the bell rings")
            await shoes.put("right")
            ring = asyncio.create_task(bell.get())
    left, right = await next_pair
    print(f"a pair: {left} and {right}")
    ring.cancel()


asyncio.run(main())
