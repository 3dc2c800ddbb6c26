"""Wait for several coroutines at once, and get what became of each, failures too.

In Rust: phrasebook/futures-util/examples/gather-return-exceptions.rs
"""

import asyncio


async def temperature(place: str) -> int:
    await asyncio.sleep(0)  # The answer comes from far away.
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
        match answer:
            case BaseException():
                print(f"{place}: {answer}")
            case degrees:
                print(f"{place}: {degrees} degrees")


asyncio.run(main())
