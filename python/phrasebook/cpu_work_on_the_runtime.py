"""Common mistake: a long computation inside a task, where no timeout can stop it.

In Rust: phrasebook/tokio/examples/cpu-work-on-the-runtime.rs
"""

import asyncio
import threading
import time

LIMIT = 0.01
stop = threading.Event()


def find_best_move(seconds: float) -> str:
    """Checks now and then whether it is to stop: nothing else can stop it early."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        if stop.is_set():
            return "the best move so far"
    return "the best move"


async def main() -> None:
    search = asyncio.create_task(asyncio.to_thread(find_best_move, float("inf")))
    try:
        async with asyncio.timeout(LIMIT):
            await asyncio.shield(search)
    except TimeoutError:
        print("in a thread: timeout after 10 ms, the search is stopped")
        stop.set()
    print("found:", await search)

    # Wrong: the timer shares its thread with the computation.
    stop.clear()
    async with asyncio.timeout(LIMIT):
        found = find_best_move(5 * LIMIT)
    print("trap: inside the task: no timeout in 50 ms, found:", found)


asyncio.run(main())
