"""Wait for a task up to a limit, then cancel it and wait until it has cleaned up.

In Rust: phrasebook/tokio-util/examples/wait-for.rs
"""

import asyncio

taken = 0


async def reserve(table: str) -> str:
    global taken
    taken += 1
    print(f"{table}: reserved")
    try:
        await asyncio.sleep(3600)  # Waits for the money.
        return "paid"
    except asyncio.CancelledError:
        await asyncio.sleep(0.001)  # The restaurant is told.
        taken -= 1
        print(f"{table}: given back")
        raise


async def main() -> None:
    try:
        ended = await asyncio.wait_for(reserve("table 4"), timeout=0.01)
    except TimeoutError:
        ended = "too late"
    print(f"{ended}, {taken} tables taken")


asyncio.run(main())
