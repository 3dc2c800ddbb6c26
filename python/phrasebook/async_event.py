"""Async event: tasks wait until something has happened, once and for all.

In Rust: phrasebook/futures-util/examples/async-event.rs
"""

import asyncio


class Door:
    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.hour = 0  # An event carries no value, so it is kept beside it.


async def customer(name: str, door: Door) -> str:
    await door.opened.wait()
    return f"{name} came in at {door.hour}"


def state(door: Door) -> str:
    return "open" if door.opened.is_set() else "closed"


async def main() -> None:
    door = Door()
    customers = [asyncio.create_task(customer(name, door)) for name in ["Ada", "Ben"]]
    print(f"the door is {state(door)}")
    door.hour = 9
    door.opened.set()
    for task in customers:
        print(await task)
    print(await customer("Eve", door))  # It is set: no waiting.
    print(f"the door is {state(door)}")


asyncio.run(main())
