"""Wait for several things at once, and go on when all are done.

In Rust: phrasebook/tokio/examples/gather.rs
"""

import asyncio


async def say_after(seconds: float, what: str) -> None:
    await asyncio.sleep(seconds)
    print(what)


async def main() -> None:
    await asyncio.gather(say_after(0.1, "hello"), say_after(0.2, "world"))


asyncio.run(main())
