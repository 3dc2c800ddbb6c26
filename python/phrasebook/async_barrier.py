"""Async barrier: tasks wait for each other, then go on together.

In Rust: phrasebook/futures-util/examples/async-barrier.rs
"""

import asyncio

arrived = 0


async def hike(name: str, hut: asyncio.Barrier) -> tuple[str, bool]:
    global arrived
    arrived += 1
    is_leader = await hut.wait() == 0
    return f"{name} goes on when {arrived} are at the hut", is_leader


async def main() -> None:
    hut = asyncio.Barrier(3)
    hikers = (hike(name, hut) for name in ["Ada", "Ben", "Eve"])
    leaders = 0
    for line, is_leader in await asyncio.gather(*hikers):
        print(line)
        leaders += is_leader
    print(f"leaders: {leaders}")


asyncio.run(main())
