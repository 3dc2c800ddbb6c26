"""Stop a program that one has started, and leave nothing of it behind.

In Rust: phrasebook/tokio/examples/async-subprocess-kill.rs
"""

import asyncio
from asyncio.subprocess import PIPE


async def main() -> None:
    cat = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)
    cat.kill()
    status = await cat.wait()
    print(f"killed by signal {-status}")


asyncio.run(main())
