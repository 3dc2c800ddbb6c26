"""`gather` as tasks: run several tasks and get their values in input order.

In Rust: phrasebook/tokio-util/examples/gather-tasks.rs
"""

import asyncio

ANSWERS = {"Oslo": (0.002, 4), "Lima": (0.003, 19), "Cairo": (0.001, 31)}


async def temperature(place: str) -> int:
    seconds, degrees = ANSWERS[place]
    await asyncio.sleep(seconds)
    return degrees


async def main() -> None:
    places = ["Oslo", "Lima", "Cairo"]
    answers = await asyncio.gather(*map(temperature, places))
    for place, degrees in zip(places, answers):
        print(f"{place}: {degrees} degrees")


asyncio.run(main())
