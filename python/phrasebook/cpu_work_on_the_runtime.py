"""Known wrong: compute for long inside a task, where timeouts and everybody else wait.

In Rust: phrasebook/tokio/examples/cpu-work-on-the-runtime.rs
"""

import asyncio
import threading

stop = threading.Event()


def find_best_move() -> str:
    """Plays until it is told to stop: nothing else can end it."""
    while not stop.is_set():
        pass
    return "the best so far"


async def main() -> None:
    search = asyncio.create_task(asyncio.to_thread(find_best_move))
    try:
        # Wrong would be to call find_best_move() here: no timeout would fire.
        await asyncio.wait_for(asyncio.shield(search), timeout=0.01)
    except TimeoutError:
        print("beside the runtime: time is up")
        stop.set()
    print("found:", await search)


asyncio.run(main())
