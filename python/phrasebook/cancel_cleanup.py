"""Let a task clean up with awaits of its own when it is cancelled.

In Rust: phrasebook/tokio-util/examples/cancel-cleanup.rs
"""

import asyncio
import json

disk: list[str] = []


async def write_letter() -> None:
    draft = ""
    try:
        draft += "Dear Ann, "
        await asyncio.Event().wait()  # And what now?
    except asyncio.CancelledError:
        await asyncio.sleep(0)  # The disk takes its time.
        disk.append(draft)
        raise


async def main() -> None:
    task = asyncio.create_task(write_letter())
    await asyncio.sleep(0)  # It begins.
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled: saved", json.dumps(disk))


asyncio.run(main())
