# Needs Python 3.12.
"""Eager task: run async code immediately, and start a task only if it has to wait.

In Rust: phrasebook/futures-util/examples/eager-tasks.rs
"""

import asyncio


async def page(site: str) -> str:
    if site == "stored.example":
        return "a stored page"
    await asyncio.sleep(0)  # The answer takes time.
    return "a new page"


async def main() -> None:
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    for site in ["stored.example", "new.example"]:
        task = asyncio.create_task(page(site))
        if task.done():
            print(f"{site}: ready without a task: {task.result()}")
        else:
            print(f"{site}: fetched by a task: {await task}")


asyncio.run(main())
