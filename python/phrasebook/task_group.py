"""Task group: start tasks that belong together, and go on when all have ended.

In Rust: phrasebook/task-group/examples/task-group.rs
"""

import asyncio


async def say_after(seconds: float, what: str) -> None:
    await asyncio.sleep(seconds)
    print(what)


async def main() -> None:
    async with asyncio.TaskGroup() as tg:
        tg.create_task(say_after(0.1, "hello"))
        tg.create_task(say_after(0.2, "world"))
    print("Both tasks have now completed.")


asyncio.run(main())
