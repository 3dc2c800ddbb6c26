"""Run blocking code in a thread beside the event loop, and await its value.

In Rust: phrasebook/tokio/examples/to-thread.rs
"""

import asyncio
import threading


def read_diary(name: str) -> tuple[int, int]:
    if not name:
        raise LookupError("no such diary")
    return len("Up early.\nRain.\nTo bed.\n".splitlines()), threading.get_ident()


async def main() -> None:
    lines, ident = await asyncio.to_thread(read_diary, "Ann")
    elsewhere = str(ident != threading.get_ident()).lower()
    print(f"a blocking read: {lines} lines, in another thread: {elsewhere}")

    try:
        await asyncio.to_thread(read_diary, "")
    except LookupError as error:
        print("it failed:", error)


asyncio.run(main())
