"""`async for`: go through the values of a stream as they arrive.

In Rust: phrasebook/futures-util/examples/async-for.rs
"""

import asyncio
from collections.abc import AsyncIterator


async def messages() -> AsyncIterator[bytes]:
    """What a socket might give: messages as they come, one of them broken."""
    for message in [b"hello", b"\xff\xfe", b"bye"]:
        yield message


async def texts() -> AsyncIterator[str]:
    async for message in messages():
        try:
            yield message.decode()
        except UnicodeDecodeError:
            pass


async def main() -> None:
    async for message in messages():
        try:
            print("message:", message.decode())
        except UnicodeDecodeError:
            print("message: not text")

    print("all that are text:", ", ".join([text async for text in texts()]))

    try:
        everything = [message.decode() async for message in messages()]
        print("all or an error:", ", ".join(everything))
    except UnicodeDecodeError:
        print("all or an error: not text")


asyncio.run(main())
