"""Async queue join: wait until every item of a queue has been processed.

In Rust: phrasebook/tokio-util/examples/async-queue-join.rs
"""

import asyncio

stamped = 0


async def clerk(letters: asyncio.Queue[str]) -> None:
    global stamped
    while True:
        name = await letters.get()
        print(f"stamped: {name}'s letter")
        stamped += 1
        letters.task_done()


async def main() -> None:
    letters: asyncio.Queue[str] = asyncio.Queue(8)
    working = asyncio.create_task(clerk(letters))
    names = ["Ada", "Ben", "Eve"]
    for name in names:
        await letters.put(name)
    await letters.join()
    print(f"{stamped} of {len(names)} letters are stamped")
    working.cancel()


asyncio.run(main())
