"""Async recursion: an `async fn` that calls itself needs a box.

In Rust: phrasebook/tokio/examples/async-recursion.rs
"""

import asyncio


async def folders_in(folder: int) -> list[int]:
    """The folders in this folder."""
    await asyncio.sleep(0)  # Asking the disk takes time.
    return [2 * folder, 2 * folder + 1] if folder < 8 else []


async def count(folder: int) -> int:
    total = 1
    for child in await folders_in(folder):
        total += await count(child)  # About 1000 levels deep: RecursionError.
    return total


async def count_in_tasks(folder: int) -> int:
    async with asyncio.TaskGroup() as tg:
        children = await folders_in(folder)
        tasks = [tg.create_task(count_in_tasks(child)) for child in children]
    return 1 + sum(task.result() for task in tasks)


async def count_with_list(folder: int) -> int:
    total = 0
    to_do = [folder]
    while to_do:
        total += 1
        to_do.extend(await folders_in(to_do.pop()))
    return total


async def main() -> None:
    print(f"one after the other: {await count(1)} folders")
    print(f"a task for each folder: {await count_in_tasks(1)} folders")
    print(f"a list in place of recursion: {await count_with_list(1)} folders")


asyncio.run(main())
