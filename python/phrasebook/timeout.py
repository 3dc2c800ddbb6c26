"""Timeout: stop something when its time limit is over.

In Rust: phrasebook/tokio/examples/timeout.rs
"""

import asyncio

LIMIT = 0.01


async def cook(minutes: int) -> str:
    await asyncio.sleep(minutes)
    return "ready"


async def main() -> None:
    try:
        async with asyncio.timeout(LIMIT):
            print("tea:", await cook(0))
    except TimeoutError:
        print("tea: too slow")
    try:
        async with asyncio.timeout(LIMIT):
            print("stew:", await cook(90))
    except TimeoutError:
        print("stew: too slow")

    stew = asyncio.create_task(cook(90))
    try:
        async with asyncio.timeout(LIMIT):
            print("stew in a task:", await stew)
    except TimeoutError:  # The timeout has cancelled the task, too: it was awaited.
        print("stew in a task: too slow")


asyncio.run(main())
