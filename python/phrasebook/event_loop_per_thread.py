"""Event loop per thread: several runtimes, each with tasks and state of its own.

In Rust: phrasebook/tokio/examples/event-loop-per-thread.rs
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor


async def add_all(numbers: asyncio.Queue[int | None]) -> int:
    """What one event loop does. Its tasks share the total without a lock."""
    total = 0

    async def add(number: int) -> None:
        nonlocal total
        total += number

    async with asyncio.TaskGroup() as tg:
        while (number := await numbers.get()) is not None:
            tg.create_task(add(number))
    return total


def main() -> None:
    loops = [asyncio.new_event_loop() for _ in range(2)]
    queues = [asyncio.Queue() for _ in range(2)]

    def send(number: int, value: int | None) -> None:
        # A queue belongs to its loop: another thread must ask the loop to put something.
        loops[number].call_soon_threadsafe(queues[number].put_nowait, value)

    with ThreadPoolExecutor(2) as pool:
        even, odd = (
            pool.submit(loop.run_until_complete, add_all(queue))
            for loop, queue in zip(loops, queues)
        )
        for value in range(1, 10):
            send(value % 2, value)
        for number in range(2):
            send(number, None)
        print(f"loop of the even numbers: sum {even.result()}")
        print(f"loop of the odd numbers: sum {odd.result()}")
    for loop in loops:
        loop.close()


main()
