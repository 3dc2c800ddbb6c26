"""Run everything on one thread, so that tasks share state without a lock.

In Rust: phrasebook/tokio/examples/new-event-loop.rs
"""

import asyncio

jar = 0


async def add_coin(name: str) -> None:
    global jar
    jar += 1
    print(f"{name}: coin {jar}")
    await asyncio.sleep(0)  # Others go on here, on the same thread.


async def main() -> None:
    await asyncio.gather(add_coin("ann"), add_coin("bob"))


# What asyncio.run does in one call. Not one of its tasks ever leaves this thread.
loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(main())
finally:
    loop.close()
print(f"the jar holds {jar}")
