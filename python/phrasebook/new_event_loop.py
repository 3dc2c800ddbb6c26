"""Single-threaded event loop: tasks share state without a lock.

In Rust: phrasebook/tokio/examples/new-event-loop.rs
"""

import asyncio

jar = 0


async def add_coins() -> None:
    global jar
    for _ in range(1000):
        jar += 1
        await asyncio.sleep(0)  # The other task may run here, on the same thread.


async def lose_coin(both_have_read: asyncio.Barrier) -> None:
    global jar
    coins = jar
    await both_have_read.wait()
    jar = coins + 1  # Wrong: coins is out of date.


async def main() -> None:
    global jar
    await asyncio.gather(add_coins(), add_coins())
    print(f"2 tasks added {jar} coins")

    jar = 0
    both_have_read = asyncio.Barrier(2)
    await asyncio.gather(lose_coin(both_have_read), lose_coin(both_have_read))
    print(f"trap: read, await, write: 2 tasks added {jar} coin")


# The core of what asyncio.run does.
loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(main())
finally:
    loop.close()
