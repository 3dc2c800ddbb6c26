"""Idle timeout: give up only when nothing has come for a while.

In Rust: phrasebook/tokio/examples/timeout-reschedule.rs
"""

import asyncio

LIMIT = 0.02


async def main() -> None:
    inbox: asyncio.Queue[str] = asyncio.Queue()
    for message in ["hello", "are you there", "bye"]:
        inbox.put_nowait(message)

    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LIMIT) as idle:
            while True:
                print("received:", await inbox.get())
                idle.reschedule(loop.time() + LIMIT)
    except TimeoutError:
        print("idle: connection closed")


asyncio.run(main())
