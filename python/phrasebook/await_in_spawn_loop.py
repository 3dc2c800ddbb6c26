"""Common mistake: await each task in the loop that starts it.

In Rust: phrasebook/tokio/examples/await-in-spawn-loop.rs
"""

import asyncio

running = 0
most = 0


async def fetch(page: str) -> None:
    global running, most
    running += 1
    most = max(most, running)
    await asyncio.sleep(0.001)
    running -= 1


async def main() -> None:
    global most
    pages = ["a", "b", "c"]
    tasks = [asyncio.create_task(fetch(page)) for page in pages]
    for task in tasks:
        await task
    print(f"two loops: at most {most} requests at the same time")

    # Wrong: each turn of the loop waits for its task.
    most = 0
    for page in pages:
        await asyncio.create_task(fetch(page))
    print(f"trap: one loop: at most {most} request at the same time")


asyncio.run(main())
