"""Bounded async queue: the sender waits while it is full.

In Rust: phrasebook/tokio/examples/async-queue.rs
"""

import asyncio


async def cook(orders: asyncio.Queue[str | None]) -> int:
    cooked = 0
    while (dish := await orders.get()) is not None:
        print(f"cooked: {dish}")
        cooked += 1
    return cooked


async def main() -> None:
    orders: asyncio.Queue[str | None] = asyncio.Queue(maxsize=2)
    await orders.put("soup")
    await orders.put("fish")
    try:
        orders.put_nowait("tea")
    except asyncio.QueueFull:
        print("the queue is full: no room for tea")

    cooking = asyncio.create_task(cook(orders))
    await orders.put("cake")  # Waits for room.
    await orders.put(None)
    print(f"cooked in all: {await cooking}")


asyncio.run(main())
