"""Exception group: get every error of tasks that ran together, not only the first.

In Rust: phrasebook/task-group/examples/exception-group.rs
"""

import asyncio


async def save() -> None:
    raise OSError("the disk is full")


async def send() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise OSError("the connection was cut") from None


async def main() -> None:
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(send())
            tg.create_task(save())
    except* OSError as group:
        for error in group.exceptions:
            print(error)


asyncio.run(main())
