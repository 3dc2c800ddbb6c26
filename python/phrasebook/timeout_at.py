"""Deadline for several steps: one moment by which all of them must be done.

In Rust: phrasebook/tokio/examples/timeout-at.rs
"""

import asyncio


async def main() -> None:
    inbox: asyncio.Queue[str] = asyncio.Queue()
    for sender in ["Ann", "Bob"]:  # Cleo's letter comes after the deadline.
        inbox.put_nowait(sender)

    deadline = asyncio.get_running_loop().time() + 0.01
    letters = []
    try:
        async with asyncio.timeout_at(deadline):
            while True:
                sender = await inbox.get()
                print("letter from", sender)
                letters.append(sender)
    except TimeoutError:
        print(f"deadline: {len(letters)} letters")


asyncio.run(main())
