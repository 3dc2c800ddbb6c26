"""Run another program, give it input, and collect its output and exit code.

In Rust: phrasebook/tokio/examples/async-subprocess.rs
"""

import asyncio
from asyncio.subprocess import PIPE


async def main() -> None:
    script = "echo no such dish >&2; exit 3"
    shell = await asyncio.create_subprocess_shell(script, stderr=PIPE)
    _, words = await shell.communicate()
    print(f"exit code {shell.returncode}, because: {words.decode().rstrip()}")

    data = b"x" * 1_000_000
    cat = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)
    out, _ = await cat.communicate(data)
    print(f"{len(data)} bytes went in, {len(out)} came out")


asyncio.run(main())
