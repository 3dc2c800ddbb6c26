"""Known wrong: start a task that can fail, and never ask what became of it.

In Rust: phrasebook/futures-util/examples/unseen-task-error.rs
"""

import asyncio


async def back_up() -> None:
    await asyncio.sleep(0)  # The disk takes its time.
    raise OSError("disk full")


def report(task: asyncio.Task[None]) -> None:
    if error := task.exception():
        print("told when it ended:", error)


async def main() -> None:
    task = asyncio.create_task(back_up())
    try:
        await task
    except OSError as error:
        print("asked:", error)

    task = asyncio.create_task(back_up())
    task.add_done_callback(report)
    await asyncio.wait([task])


asyncio.run(main())
