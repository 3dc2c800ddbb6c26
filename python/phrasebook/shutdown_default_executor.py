"""Shutdown of the event loop: wait for its busy threads, with or without a timeout.

In Rust: phrasebook/tokio/examples/shutdown-default-executor.rs
"""

import asyncio
import time


def copy() -> None:
    time.sleep(0.02)  # The disk is slow.
    print("first copy: done")


async def main() -> None:
    # Not awaited: asyncio.run waits for the thread, since Python 3.12 at most 5 minutes.
    # Then the end of the program waits for it, without a timeout.
    asyncio.get_running_loop().run_in_executor(None, copy)


asyncio.run(main())
print("the runtime has ended")
