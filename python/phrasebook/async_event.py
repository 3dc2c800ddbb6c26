"""Let tasks wait until something has happened, once and for all.

In Rust: phrasebook/futures-util/examples/async-event.rs
"""

import asyncio

hour = 0


async def customer(name: str, door: asyncio.Event) -> str:
    await door.wait()
    return f"{name} came in at {hour}"


async def main() -> None:
    global hour
    door = asyncio.Event()
    customers = [asyncio.create_task(customer(name, door)) for name in ["Ada", "Ben"]]
    print(f"the door is open: {str(door.is_set()).lower()}")
    hour = 9  # An event carries nothing: what happened is kept beside it.
    door.set()
    for task in customers:
        print(await task)
    print(await customer("Eve", door))  # Whoever comes late need not wait.
    print(f"the door is open: {str(door.is_set()).lower()}")


asyncio.run(main())
