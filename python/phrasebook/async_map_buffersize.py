"""Async map with a limit: a few inputs at a time, the values in input order.

In Rust: phrasebook/futures-util/examples/async-map-buffersize.rs
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

running = peak = 0


async def fetch(page: int) -> str:
    global running, peak
    running += 1
    peak = max(peak, running)
    await asyncio.sleep(0.009 if page == 1 else 0.001 * page)
    running -= 1
    return f"page {page}"


async def fetch_all(
    pages: Iterable[int], buffersize: int
) -> AsyncGenerator[str, None]:
    buffer: deque[asyncio.Task[str]] = deque()
    try:
        for page in pages:
            buffer.append(asyncio.create_task(fetch(page)))
            if len(buffer) == buffersize:
                yield await buffer.popleft()
        while buffer:
            yield await buffer.popleft()
    finally:  # If the consumer stops early, or a fetch fails.
        for task in buffer:
            task.cancel()


async def main() -> None:
    async with aclosing(fetch_all(range(1, 5), 2)) as pages:
        print(", ".join([page async for page in pages]))
    print("at most", peak, "at a time")


asyncio.run(main())
