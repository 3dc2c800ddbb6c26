"""Wait until everything that was put into a queue has been dealt with.

In Rust: phrasebook/tokio-util/examples/async-queue-join.rs
"""

import asyncio

stamped = 0


async def clerk(tray: asyncio.Queue[str]) -> None:
    global stamped
    while True:
        name = await tray.get()
        print(f"stamped: {name}'s letter")
        stamped += 1
        tray.task_done()


async def main() -> None:
    tray: asyncio.Queue[str] = asyncio.Queue(8)
    working = asyncio.create_task(clerk(tray))
    names = ["Ada", "Ben", "Eve"]
    for name in names:
        await tray.put(name)
    await tray.join()
    print(f"{stamped} of {len(names)} letters are stamped")
    working.cancel()


asyncio.run(main())
