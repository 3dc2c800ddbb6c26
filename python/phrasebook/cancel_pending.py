"""Cancel pending tasks, and go on when they have really ended.

In Rust: phrasebook/tokio/examples/cancel-pending.rs
"""

import asyncio

running = 0


async def search(number: int) -> int:
    global running
    running += 1
    try:
        if number > 1:
            await asyncio.sleep(3600)
        return number
    finally:
        running -= 1


async def main() -> None:
    searches = [asyncio.create_task(search(number)) for number in range(1, 4)]
    done, pending = await asyncio.wait(searches, return_when=asyncio.FIRST_COMPLETED)
    print("found by search", done.pop().result())
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    print(f"cancelled: {running} searches running")


asyncio.run(main())
