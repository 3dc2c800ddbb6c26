"""Wait for several tasks up to a limit; what is not done by then goes on, and is not lost.

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
    print(f"at noon: {len(done)} coming, {len(pending)} pending")

    asked_again.set()
    done, pending = await asyncio.wait(tasks)
    print(f"in the end: {len(done)} coming")


asyncio.run(main())
