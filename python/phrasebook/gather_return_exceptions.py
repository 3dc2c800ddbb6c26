"""`gather` with failures: wait for several futures, and get each value or error.

In Rust: phrasebook/futures-util/examples/gather-return-exceptions.rs
"""

import asyncio


async def temperature(place: str) -> int:
    await asyncio.sleep(0.001)  # The answer takes time.
    match place:
        case "Oslo":
            return 4
        case "Cairo":
            return 31
        case _:
            raise LookupError("no such place")


async def main() -> None:
    places = ["Oslo", "Atlantis", "Cairo"]
    answers = await asyncio.gather(*map(temperature, places), return_exceptions=True)
    for place, answer in zip(places, answers):
        if isinstance(answer, BaseException):
            print(f"{place}: {answer}")
        else:
            print(f"{place}: {answer} degrees")


asyncio.run(main())
