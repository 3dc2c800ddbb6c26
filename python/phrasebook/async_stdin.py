"""Async stdin: read lines from the keyboard or a pipe while other tasks run.

In Rust: phrasebook/tokio/examples/async-stdin.rs
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process

LIMIT = 0.1


async def open_stdin() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


async def echo() -> None:
    async for line in await open_stdin():
        print(f"typed: {line.decode().rstrip()}")


async def ask_in_pipe() -> None:
    stdin = await open_stdin()
    try:
        await asyncio.wait_for(stdin.readline(), LIMIT)
    except TimeoutError:
        print("too late", flush=True)


async def ask_wrongly() -> None:
    try:
        await asyncio.wait_for(asyncio.to_thread(input), LIMIT)
    except TimeoutError:
        print("too late", flush=True)  # Wrong: a thread of the loop reads on.


async def start(task: str) -> Process:
    """This program, at a keyboard on which nothing is typed."""
    command = [sys.executable, __file__, task]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    await process.stdout.readline()
    return process


async def main() -> None:
    command = [sys.executable, __file__, "echo"]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE)
    await process.communicate(b"tea\ncake\n")

    process = await start("pipe")
    await process.wait()
    print("with connect_read_pipe: too late, and the program ends")

    process = await start("thread")
    try:
        await asyncio.wait_for(process.wait(), LIMIT)
    except TimeoutError:
        print("trap: too late, and the program waits for Enter")
    await process.communicate(b"\n")


TASKS = {"echo": echo, "pipe": ask_in_pipe, "thread": ask_wrongly}
asyncio.run(TASKS[sys.argv[1]]() if len(sys.argv) > 1 else main())
