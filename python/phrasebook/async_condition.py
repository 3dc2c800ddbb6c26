"""Wait until shared state is as one needs it, however often it changes before.

In Rust: phrasebook/tokio/examples/async-condition.rs
"""

import asyncio

loaves = 0


async def bake(shelf: asyncio.Condition) -> None:
    global loaves
    for loaf in range(1, 4):
        await asyncio.sleep(0)  # The oven takes its time.
        print(f"baked: {loaf}")
        async with shelf:
            loaves += 1
            shelf.notify_all()


async def main() -> None:
    global loaves
    shelf = asyncio.Condition()
    baker = asyncio.create_task(bake(shelf))

    async with shelf:
        await shelf.wait_for(lambda: loaves >= 3)
        print(f"the shop opens with {loaves} loaves")
        loaves -= 3
        print(f"{loaves} loaves are left")
    await baker


asyncio.run(main())
