# Needs Python 3.13.
"""Async queue shutdown: the consumers drain the queue, then end.

In Rust: phrasebook/tokio/examples/async-queue-shutdown.rs
"""

import asyncio


async def cook(orders: asyncio.Queue[str]) -> None:
    try:
        while True:
            print(f"cooked: {await orders.get()}")
    except asyncio.QueueShutDown:
        print("the kitchen closes")


async def main() -> None:
    orders: asyncio.Queue[str] = asyncio.Queue(8)
    await orders.put("soup")
    await orders.put("fish")
    orders.shutdown()
    try:
        await orders.put("tea")
    except asyncio.QueueShutDown:
        print("too late for tea")
    await cook(orders)


asyncio.run(main())
