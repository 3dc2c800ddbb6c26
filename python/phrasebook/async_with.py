"""`async with`: open something, use it, and close it with an await, even after an error.

In Rust: phrasebook/tokio/examples/async-with.rs
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

open_connections = 0


class Connection:
    async def send(self, word: str) -> None:
        await asyncio.sleep(0)  # The network takes its time.
        if word == "boo":
            raise ValueError(f"{word} refused")


@asynccontextmanager
async def connect() -> AsyncIterator[Connection]:
    global open_connections
    open_connections += 1
    try:
        yield Connection()
    finally:
        await asyncio.sleep(0)  # The other side answers.
        open_connections -= 1


async def main() -> None:
    for word in ["hello", "boo"]:
        outcome = "sent"
        try:
            async with connect() as connection:
                await connection.send(word)
        except ValueError as error:
            outcome = str(error)
        print(f"{outcome}, connections open: {open_connections}")


asyncio.run(main())
