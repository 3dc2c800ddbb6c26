"""Open things one after another, as many as it takes, and close them in reverse.

In Rust: phrasebook/futures-util/examples/async-exit-stack.rs
"""

import asyncio
from contextlib import AsyncExitStack


async def close(what: str) -> None:
    await asyncio.sleep(0)  # It takes its time.
    print("close the", what)


async def main() -> None:
    async with AsyncExitStack() as exits:
        for what in ["gate", "door"]:
            print("open the", what)
            exits.push_async_callback(close, what)
        exits.callback(print, "say good night")


asyncio.run(main())
