"""Cancel a task from outside, and see that it was cancelled.

In Rust: phrasebook/tokio/examples/task-cancel.rs
"""

import asyncio


async def call() -> None:
    print("line open")
    try:
        await asyncio.Event().wait()  # Nobody answers.
    finally:
        print("line closed")


async def main() -> None:
    task = asyncio.create_task(call())
    await asyncio.sleep(0)  # It begins.
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("call: cancelled")


asyncio.run(main())
