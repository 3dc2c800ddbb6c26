"""Async file: read and write files without blocking the runtime.

In Rust: phrasebook/tokio/examples/async-file.rs
"""

import asyncio
import os
import tempfile
from pathlib import Path


def read_lines(path: Path) -> list[str]:
    with path.open() as file:
        return [line.rstrip("\n") for line in file]


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)  # The end of the block closes the file, and raises its errors.


async def main() -> None:
    path = Path(tempfile.gettempdir(), f"async-file-{os.getpid()}.txt")
    await asyncio.to_thread(path.write_text, "tea\ncake\n")
    text = await asyncio.to_thread(path.read_text)
    print(f"read: {len(text.splitlines())} lines")

    dishes = await asyncio.to_thread(read_lines, path)
    print(f"line by line: {', '.join(dishes)}")

    await asyncio.to_thread(append, path, "soup\n")
    text = await asyncio.to_thread(path.read_text)
    print(f"written and flushed: {len(text.splitlines())} lines")

    await asyncio.to_thread(path.unlink)


asyncio.run(main())
