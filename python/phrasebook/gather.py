"""`gather`: wait for several things at the same time, and go on when all are done.

In Rust: phrasebook/tokio/examples/gather.rs
"""

import asyncio


async def say_after(seconds: float, what: str) -> str:
    await asyncio.sleep(seconds)
    return what


async def main() -> None:
    first, second = await asyncio.gather(say_after(0.1, "hello"), say_after(0.2, "world"))
    print(first, second)


asyncio.run(main())
