"""Callback from another thread: run it on the event loop, without waiting for an answer.

In Rust: phrasebook/tokio/examples/call-soon-threadsafe.rs
"""

import asyncio
import threading


async def main() -> None:
    loop = asyncio.get_running_loop()
    has_started = asyncio.Event()

    def started() -> None:
        print("sensor started")
        has_started.set()

    # A callback: the thread does not wait for it.
    threading.Thread(target=loop.call_soon_threadsafe, args=[started]).start()
    await has_started.wait()

    # Values, in order.
    readings: asyncio.Queue[int | None] = asyncio.Queue()

    def sensor() -> None:
        for degrees in [20, 21, 23, None]:
            # asyncio's own queue is not for other threads: let the loop do it.
            loop.call_soon_threadsafe(readings.put_nowait, degrees)

    threading.Thread(target=sensor).start()
    while (degrees := await readings.get()) is not None:
        print(degrees, "degrees")


asyncio.run(main())
