"""Task cancellation: end a task from outside, and see that it was cancelled.

In Rust: phrasebook/tokio/examples/task-cancel.rs
"""

import asyncio


async def read(is_open: asyncio.Event) -> None:
    print("connection open")
    try:
        is_open.set()
        await asyncio.Event().wait()  # The other side sends nothing.
    finally:
        print("connection closed")


async def main() -> None:
    is_open = asyncio.Event()
    task = asyncio.create_task(read(is_open))
    await is_open.wait()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("task: cancelled")


asyncio.run(main())
