"""Timeout for several async tasks: take what is done by then, and keep the rest.

In Rust: phrasebook/tokio/examples/async-wait-all.rs
"""

import asyncio


async def reply(guest: str, asked_again: asyncio.Event) -> str:
    if guest == "Ann":
        await asked_again.wait()
    return guest


async def main() -> None:
    asked_again = asyncio.Event()
    guests = ["Ann", "Bob", "Cleo"]
    tasks = [asyncio.create_task(reply(guest, asked_again)) for guest in guests]
    done, pending = await asyncio.wait(tasks, timeout=0.01)
    print(f"after the timeout: {len(done)} done, {len(pending)} pending")

    asked_again.set()
    done, pending = await asyncio.wait(tasks)
    print(f"in the end: {len(done)} done")


asyncio.run(main())
