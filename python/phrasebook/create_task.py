"""Start something that goes on by itself while the caller does other things.

In Rust: phrasebook/tokio-util/examples/create-task.rs
"""

import asyncio


async def bake(what: str, hours: int) -> None:
    print(f"{what}: in the oven")
    await asyncio.sleep(hours / 100)
    print(f"{what}: done")


async def main() -> None:
    # Keep the references: the loop holds its tasks weakly.
    rolls = asyncio.create_task(bake("rolls", 1))
    bread = asyncio.create_task(bake("bread", 2))
    await rolls
    await bread


asyncio.run(main())
