"""Background task: start it, do other work meanwhile, and await its result.

In Rust: phrasebook/tokio-util/examples/create-task.rs
"""

import asyncio


async def bake(what: str, hours: int) -> str:
    if what == "roast":
        raise RuntimeError(f"{what}: burnt")
    await asyncio.sleep(hours / 100)
    return f"{what}: done"


async def main() -> None:
    # Keep the references: the loop holds its tasks weakly.
    rolls = asyncio.create_task(bake("rolls", 1))
    bread = asyncio.create_task(bake("bread", 2))
    print("both are in the oven")

    print(await rolls)
    print(await bread)

    try:
        print(await asyncio.create_task(bake("roast", 3)))
    except RuntimeError as error:
        print(error)

    # Wrong, if this is meant to cancel the task.
    cake = asyncio.create_task(bake("cake", 1000))
    del cake
    await asyncio.sleep(0)
    if len(asyncio.all_tasks()) == 2:  # main is the other one.
        print("trap: cake: its handle is dropped, the task still runs")


asyncio.run(main())
