"""First of several async tasks: wait until one has finished, and keep the others.

In Rust: phrasebook/tokio/examples/async-wait-first-completed.rs
"""

import asyncio


async def near() -> str:
    return "the near mirror"


async def far(parts: asyncio.Queue[str]) -> str:
    await parts.get()
    return "the far mirror"


async def main() -> None:
    parts: asyncio.Queue[str] = asyncio.Queue()
    mirrors = {asyncio.create_task(far(parts)), asyncio.create_task(near())}
    done, pending = await asyncio.wait(mirrors, return_when=asyncio.FIRST_COMPLETED)
    print(f"first: {done.pop().result()}; {len(pending)} pending")

    parts.put_nowait("the last part")
    done, pending = await asyncio.wait(pending)
    print("then:", done.pop().result())


asyncio.run(main())
