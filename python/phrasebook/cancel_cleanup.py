"""Clean-up that awaits after cancellation: let a cancelled task finish in good order.

In Rust: phrasebook/tokio-util/examples/cancel-cleanup.rs
"""

import asyncio

disk: list[str] = []


async def write_letter(has_begun: asyncio.Event) -> None:
    draft = ""
    try:
        draft += "Dear Ann"
        has_begun.set()
        await asyncio.Event().wait()  # The next words never come.
    except asyncio.CancelledError:
        await asyncio.sleep(0)  # The disk takes its time.
        disk.append(draft)
        raise


async def main() -> None:
    has_begun = asyncio.Event()
    task = asyncio.create_task(write_letter(has_begun))
    await has_begun.wait()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled, saved:", *disk)


asyncio.run(main())
