"""Open and close a gate that tasks wait at, as often as one likes.

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
    blue = asyncio.create_task(cross("blue", bridge))
    print("a ship passes")
    bridge.set()
    await blue


asyncio.run(main())
