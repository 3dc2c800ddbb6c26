"""Async generator: a function that awaits, and yields values one after another.

In Rust: phrasebook/async-stream/examples/async-generator.rs
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing


async def crawl() -> AsyncGenerator[str, None]:
    try:
        for page in range(1, 4):
            await asyncio.sleep(0)  # The site takes its time.
            yield f"page {page}"
    finally:
        await asyncio.sleep(0)  # The site answers.
        print("site closed")


async def main() -> None:
    async with aclosing(crawl()) as pages:  # Without it: closed some time later.
        async for page in pages:
            print(page)
            if page == "page 2":
                break


asyncio.run(main())
