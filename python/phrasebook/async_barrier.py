"""Make tasks wait for each other, so that all begin the next step together.

In Rust: phrasebook/futures-util/examples/async-barrier.rs
"""

import asyncio

there = 0


async def hike(name: str, hut: asyncio.Barrier) -> tuple[str, bool]:
    global there
    there += 1
    leads = await hut.wait() == 0
    return f"{name} goes on when {there} are at the hut", leads


async def main() -> None:
    hut = asyncio.Barrier(3)
    hikers = await asyncio.gather(*(hike(name, hut) for name in ["Ada", "Ben", "Eve"]))
    for line, _ in hikers:
        print(line)
    leaders = sum(leads for _, leads in hikers)
    print(f"one of them locks the hut: {str(leaders == 1).lower()}")


asyncio.run(main())
