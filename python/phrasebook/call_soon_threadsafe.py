"""Tell the event loop something from a plain thread, without waiting for an answer.

In Rust: phrasebook/tokio/examples/call-soon-threadsafe.rs
"""

import asyncio
import threading


async def main() -> None:
    loop = asyncio.get_running_loop()
    readings: asyncio.Queue[int | None] = asyncio.Queue()

    def sensor() -> None:
        for degrees in [20, 21, 23, None]:
            # asyncio's own queue is not for other threads: let the loop do it.
            loop.call_soon_threadsafe(readings.put_nowait, degrees)

    thread = threading.Thread(target=sensor)
    thread.start()
    while (degrees := await readings.get()) is not None:
        print(degrees, "degrees")
    thread.join()


asyncio.run(main())
