# Needs Python 3.15.
"""Cancel a task group: end all its tasks early, without an error.

In Rust: phrasebook/task-group/examples/task-group-cancel.rs
"""

import asyncio


async def download(mirror: int) -> int:
    if mirror != 2:
        await asyncio.Event().wait()  # The others do not answer.
    return mirror


async def main() -> None:
    found: list[int] = []

    async def ask(tg: asyncio.TaskGroup, mirror: int) -> None:
        found.append(await download(mirror))
        tg.cancel()

    async with asyncio.TaskGroup() as tg:
        for mirror in range(1, 4):
            tg.create_task(ask(tg, mirror))
    for mirror in found:
        print(f"found on mirror {mirror}")


asyncio.run(main())
