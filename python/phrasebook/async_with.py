"""Open something, use it, and close it with an await whatever happens in between.

In Rust: phrasebook/tokio/examples/async-with.rs
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

open_lines = 0


class Line:
    async def say(self, word: str) -> None:
        await asyncio.sleep(0)  # The network takes its time.
        if word == "boo":
            raise ValueError(f"{word} refused")


@asynccontextmanager
async def connect() -> AsyncIterator[Line]:
    global open_lines
    open_lines += 1
    try:
        yield Line()
    finally:
        await asyncio.sleep(0)  # The other side is told.
        open_lines -= 1


async def main() -> None:
    for word in ["hello", "boo"]:
        outcome = "said"
        try:
            async with connect() as line:
                await line.say(word)
        except ValueError as error:
            outcome = str(error)
        print(f"{outcome}, lines open: {open_lines}")


asyncio.run(main())
