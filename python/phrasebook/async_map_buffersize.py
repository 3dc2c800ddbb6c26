"""Map an async function over many inputs, a few at a time, values in input order.

In Rust: phrasebook/futures-util/examples/async-map-buffersize.rs
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable

running = peak = 0


async def fetch(page: int) -> str:
    global running, peak
    running += 1
    peak = max(peak, running)
    await asyncio.sleep(0.009 if page == 1 else 0.001)
    running -= 1
    return f"page {page}"


async def fetch_all(pages: Iterable[int], buffersize: int) -> AsyncIterator[str]:
    buffer: deque[asyncio.Task[str]] = deque()
    for page in pages:
        buffer.append(asyncio.create_task(fetch(page)))
        if len(buffer) == buffersize:
            yield await buffer.popleft()
    while buffer:
        yield await buffer.popleft()


async def main() -> None:
    print(", ".join([page async for page in fetch_all(range(1, 5), 2)]))
    print("at most", peak, "at once")


asyncio.run(main())
