"""Async subprocess: give a program input, and collect its output and exit code.

In Rust: phrasebook/tokio/examples/async-subprocess.rs
"""

import asyncio
from asyncio.subprocess import PIPE


async def main() -> None:
    data = b"x" * 1_000_000
    script = "echo no such dish >&2; exit 3"
    shell = await asyncio.create_subprocess_shell(script, stdin=PIPE, stderr=PIPE)
    _, reason = await shell.communicate(data)  # It ignores that nothing reads the data.
    print(f"exit code {shell.returncode}, because: {reason.decode().rstrip()}")

    cat = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)
    out, _ = await cat.communicate(data)
    print(f"{len(data)} bytes went in, {len(out)} came out")


asyncio.run(main())
