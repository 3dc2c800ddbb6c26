"""Async condition variable: wait until shared state fits, then change it.

In Rust: phrasebook/tokio/examples/async-condition.rs
"""

import asyncio


class Shelf:
    def __init__(self) -> None:
        self.loaves = 0
        self.changed = asyncio.Condition()


async def buy(shelf: Shelf) -> None:
    """Waits until three loaves are there, and takes them."""
    async with shelf.changed:
        # It returns with the lock held: no other task changes the state in between.
        await shelf.changed.wait_for(lambda: shelf.loaves >= 3)
        shelf.loaves -= 3


async def main() -> None:
    shelf = Shelf()
    async with asyncio.TaskGroup() as tg:
        customers = [tg.create_task(buy(shelf)) for _ in range(2)]
        for _ in range(6):
            async with shelf.changed:
                shelf.loaves += 1
                shelf.changed.notify_all()
    count = len(customers)
    print(f"{count} customers took 3 of 6 loaves each, {shelf.loaves} are left")


asyncio.run(main())
