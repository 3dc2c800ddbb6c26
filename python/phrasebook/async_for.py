"""Go through values that arrive one after another.

In Rust: phrasebook/futures-util/examples/async-for.rs
"""

import asyncio
from collections.abc import AsyncIterator


async def letters() -> AsyncIterator[bytes]:
    """What a socket might give: pieces as they come, one of them broken."""
    for letter in [b"hello", b"\xff\xfe", b"bye"]:
        yield letter


def readable(letter: bytes) -> bool:
    try:
        letter.decode()
    except UnicodeDecodeError:
        return False
    return True


async def main() -> None:
    async for letter in letters():
        try:
            print("read:", letter.decode())
        except UnicodeDecodeError:
            print("not text")

    read = [letter.decode() async for letter in letters() if readable(letter)]
    print("read all:", ", ".join(read))

    try:
        everything = ", ".join([letter.decode() async for letter in letters()])
    except UnicodeDecodeError:
        everything = "not text"
    print("all or none:", everything)


asyncio.run(main())
