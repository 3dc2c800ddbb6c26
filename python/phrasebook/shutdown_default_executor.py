"""End a program while threads beside the event loop are still busy.

In Rust: phrasebook/tokio/examples/shutdown-default-executor.rs
"""

import asyncio
import time


def copy() -> None:
    time.sleep(0.02)  # The disk is slow.
    print("copied")


async def main() -> None:
    # Nobody awaits it: asyncio.run waits, five minutes at most since 3.12.
    asyncio.get_running_loop().run_in_executor(None, copy)


asyncio.run(main())
print("the runtime has ended")
