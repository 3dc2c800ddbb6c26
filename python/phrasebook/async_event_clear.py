"""Async event with `clear`: a gate for tasks that opens and closes again.

In Rust: phrasebook/tokio/examples/async-event-clear.rs
"""

import asyncio


async def cross(car: str, bridge: asyncio.Event) -> None:
    await bridge.wait()
    print(f"the {car} car crosses")


async def main() -> None:
    bridge = asyncio.Event()
    bridge.set()
    await cross("red", bridge)

    bridge.clear()
    arrived = asyncio.Event()

    async def blue() -> None:
        print("the blue car waits")
        arrived.set()
        await cross("blue", bridge)

    task = asyncio.create_task(blue())
    await arrived.wait()
    print("a ship passes")
    bridge.set()
    await task


asyncio.run(main())
