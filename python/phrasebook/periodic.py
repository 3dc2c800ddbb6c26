"""Do something again and again at a fixed pace.

In Rust: phrasebook/tokio/examples/periodic.rs
"""

import asyncio

HOUR = 0.002


async def main() -> None:
    loop = asyncio.get_running_loop()
    begin = loop.time()
    rounds = []
    for hour in range(4):
        # Until a moment, not for a time: what the rounds take does not add up.
        await asyncio.sleep(begin + hour * HOUR - loop.time())
        rounds.append(str(60 * hour))
        if hour == 0:
            await asyncio.sleep(HOUR / 2)
    print("rounds at minute", ", ".join(rounds))


asyncio.run(main())
