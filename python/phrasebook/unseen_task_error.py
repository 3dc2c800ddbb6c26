"""Common mistake: start a task that can fail, and never look at its result.

In Rust: phrasebook/futures-util/examples/unseen-task-error.rs
"""

import asyncio


async def back_up() -> None:
    await asyncio.sleep(0)  # Writing takes time.
    raise OSError("disk full")


def report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        print("in a callback:", error)


async def main() -> None:
    task = asyncio.create_task(back_up())
    try:
        await task
    except OSError as error:
        print("awaited:", error)

    task = asyncio.create_task(back_up())
    task.add_done_callback(report)
    await asyncio.wait([task])


asyncio.run(main())
