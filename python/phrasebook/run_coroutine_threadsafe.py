"""Async code from a plain thread: give the event loop a future, and wait for its result.

In Rust: phrasebook/tokio/examples/run-coroutine-threadsafe.rs
"""

import asyncio
from concurrent.futures import Future


async def fetch(page: int) -> str:
    await asyncio.sleep(0)  # The site takes its time.
    return f"page {page}"


def thread(loop: asyncio.AbstractEventLoop) -> Future[str]:
    print("waited for:", asyncio.run_coroutine_threadsafe(fetch(7), loop).result())
    return asyncio.run_coroutine_threadsafe(fetch(8), loop)


async def main() -> None:
    later = await asyncio.to_thread(thread, asyncio.get_running_loop())
    print("awaited later:", await asyncio.wrap_future(later))


asyncio.run(main())
