"""Panic in one of several gathered tasks: keep the results of the others.

In Rust: phrasebook/futures-util/examples/gather-panic.rs
"""

import asyncio

PLACES = ["Oslo", "Atlantis", "Cairo"]


async def temperature(place: str) -> int:
    await asyncio.sleep(0)  # Asking takes time.
    match place:
        case "Oslo":
            return 4
        case "Cairo":
            return 31
        case _:
            raise ValueError("no such place")


async def main() -> None:
    coroutines = map(temperature, PLACES)
    results = await asyncio.gather(*coroutines, return_exceptions=True)
    for place, result in zip(PLACES, results):
        if isinstance(result, Exception):
            print(f"{place}: {result}")
        else:
            print(f"{place}: {result} degrees")


asyncio.run(main())
