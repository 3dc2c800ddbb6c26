"""Subprocess output line by line, while the program runs.

In Rust: phrasebook/tokio/examples/async-subprocess-lines.rs
"""

import asyncio
from asyncio.subprocess import PIPE


async def main() -> None:
    script = "for n in 1 2 3; do echo step $n; read answer; done; exit 3"
    process = await asyncio.create_subprocess_shell(script, stdin=PIPE, stdout=PIPE)
    async for line in process.stdout:
        process.stdin.write(b"go on\n")  # Before it, the next line does not come.
        await process.stdin.drain()
        print(f"{line.decode().rstrip()}, answered while it runs")
    print(f"exit code {await process.wait()}")

    script = r"printf 'tea\ncaf\351\ncake\n'"  # 351: an é, but not of UTF-8.
    process = await asyncio.create_subprocess_shell(script, stdout=PIPE)
    texts = [line.decode(errors="replace") async for line in process.stdout]
    await process.wait()
    print(f"bytes that are not UTF-8: {len(texts)} lines")


asyncio.run(main())
