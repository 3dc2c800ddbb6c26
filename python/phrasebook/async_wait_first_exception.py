"""First failure of several async tasks: wait until one fails, or all have finished.

In Rust: phrasebook/tokio/examples/async-wait-first-exception.rs
"""

import asyncio

saved = 0


async def save(file: str, disk: asyncio.Event) -> None:
    global saved
    if file == "b.txt":
        raise OSError(f"{file}: disk full")
    if file == "c.txt":
        await disk.wait()  # Slow.
    saved += 1


async def main() -> None:
    disk = asyncio.Event()
    files = ["a.txt", "b.txt", "c.txt"]
    tasks = [asyncio.create_task(save(file, disk)) for file in files]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        if error := task.exception():
            print(f"{error}; {saved} saved, {len(pending)} pending")

    disk.set()
    await asyncio.wait(pending)
    print(f"in the end: {saved} saved")


asyncio.run(main())
