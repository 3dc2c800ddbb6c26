"""Kill an async subprocess, together with the processes that it has started.

In Rust: phrasebook/tokio-rustix/examples/async-subprocess-kill.rs
"""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process

CAT = ["cat"]
# It starts `cat` as its child. Without `exit`, `sh` could become `cat` itself.
SHELL = ["sh", "-c", "cat; exit"]


async def answers(process: Process) -> bool:
    """`cat` sends back what it gets."""
    try:
        process.stdin.write(b"hello")
        await process.stdin.drain()
        await process.stdout.readexactly(5)
    except (BrokenPipeError, ConnectionResetError, asyncio.IncompleteReadError):
        return False
    return True


async def main() -> None:
    process = await asyncio.create_subprocess_exec(*CAT, stdin=PIPE, stdout=PIPE)
    process.kill()
    await process.wait()
    print(f"kill: ended by signal {-process.returncode}")

    process = await asyncio.create_subprocess_exec(*CAT, stdin=PIPE, stdout=PIPE)
    process.terminate()
    await process.wait()
    print(f"terminate: ended by signal {-process.returncode}")

    process = await asyncio.create_subprocess_exec(*CAT, stdin=PIPE, stdout=PIPE)
    try:
        await asyncio.wait_for(process.wait(), 0.05)
    except TimeoutError:
        process.kill()
        await process.wait()
    if not await answers(process):
        print("timeout and kill: the program does not answer")

    process = await asyncio.create_subprocess_exec(
        *SHELL, stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    assert await answers(process)
    os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
    if not await answers(process):
        print("kill of the group: the program's child does not answer")

    # Wrong: the waiting ends, the program does not.
    process = await asyncio.create_subprocess_exec(*CAT, stdin=PIPE, stdout=PIPE)
    try:
        await asyncio.wait_for(process.wait(), 0.05)
    except TimeoutError:
        pass
    if await answers(process):
        print("trap: after a timeout the program still answers")
    process.stdin.close()
    await process.wait()

    # Wrong: only the shell is killed.
    process = await asyncio.create_subprocess_exec(*SHELL, stdin=PIPE, stdout=PIPE)
    assert await answers(process)
    process.kill()
    if await answers(process):
        print("trap: after a kill the program's child still answers")
    process.stdin.close()
    await process.wait()


asyncio.run(main())
