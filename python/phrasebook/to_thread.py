"""Blocking call in async code: run it in a thread, and await its value.

In Rust: phrasebook/tokio/examples/to-thread.rs
"""

import asyncio
import threading


def read_diary(name: str) -> int:
    if not name:
        raise LookupError("no diary")
    return len("Up early.\nRain.\nTo bed.\n".splitlines())


async def main() -> None:
    lines = await asyncio.to_thread(read_diary, "Ann")
    reader = await asyncio.to_thread(threading.get_ident)
    assert reader != threading.get_ident()
    print(f"{lines} lines, read in another thread")

    try:
        await asyncio.to_thread(read_diary, "")
    except LookupError as error:
        print("it failed:", error)


asyncio.run(main())
