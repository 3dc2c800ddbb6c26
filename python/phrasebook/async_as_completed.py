"""Take the results of several tasks as they come, the quickest first.

In Rust: phrasebook/futures-util/examples/async-as-completed.rs
"""

import asyncio

COURIERS = [("ship", 3), ("train", 2), ("plane", 1)]


async def deliver(courier: str, hours: int) -> str:
    for _ in range(4 * hours):
        await asyncio.sleep(0)  # Let an hour pass.
    return courier


async def main() -> None:
    deliveries = [deliver(*courier) for courier in COURIERS]
    for delivery in asyncio.as_completed(deliveries):
        print(await delivery)


asyncio.run(main())
