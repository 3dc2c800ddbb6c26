"""Results of async tasks in the order of completion, the fastest first.

In Rust: phrasebook/futures-util/examples/async-as-completed.rs
"""

import asyncio

COURIERS = [("ship", 0.25), ("train", 0.15), ("plane", 0.05)]


async def deliver(courier: str, seconds: float) -> str:
    await asyncio.sleep(seconds)
    return courier


async def main() -> None:
    deliveries = [deliver(courier, seconds) for courier, seconds in COURIERS]
    for delivery in asyncio.as_completed(deliveries):
        print(await delivery)


asyncio.run(main())
