"""Shared state between tasks: `Arc`, cloned for each task before `async move`.

In Rust: phrasebook/tokio/examples/async-shared-state.rs
"""

import asyncio

PRICES = {"tea": 3, "cake": 5}


async def price(prices: dict[str, int], dish: str) -> int:
    await asyncio.sleep(0)  # Asking takes time.
    return prices[dish]


async def main() -> None:
    total = 0

    async def add(dish: str) -> None:
        nonlocal total
        cost = await price(PRICES, dish)
        total += cost  # No await within: no other task runs in between.

    async with asyncio.TaskGroup() as tg:
        for dish in ["tea", "cake"]:
            tg.create_task(add(dish))
    print(f"2 tasks added 3 and 5: {total}")

    tea, cake = await asyncio.gather(price(PRICES, "tea"), price(PRICES, "cake"))
    print(f"awaited together, not spawned: {tea + cake}")


asyncio.run(main())
