"""Sleep without blocking the thread: other tasks run meanwhile.

In Rust: phrasebook/tokio/examples/sleep.rs
"""

import asyncio


async def boil(what: str, minutes: int) -> None:
    await asyncio.sleep(minutes / 1000)
    print(f"{what}: done")


async def main() -> None:
    await asyncio.gather(boil("egg", 5), boil("potato", 20))

    await asyncio.sleep(-1)  # As zero. Only a NaN is refused, since 3.13.
    print("-1 s: no pause at all")


asyncio.run(main())
