"""Periodic task: do something again and again at a fixed interval.

In Rust: phrasebook/tokio/examples/periodic.rs
"""

import asyncio

HOUR = 0.2


async def main() -> None:
    loop = asyncio.get_running_loop()
    begin = loop.time()
    minutes = []
    for number in range(4):
        # Until a moment, not for a time: the time of the work is not added.
        await asyncio.sleep(begin + number * HOUR - loop.time())
        hours = (loop.time() - begin) / HOUR
        minutes.append(str(60 * round(hours)))
        if number == 0:
            await asyncio.sleep(HOUR / 2)
    print("rounds at minute", ", ".join(minutes))


asyncio.run(main())
