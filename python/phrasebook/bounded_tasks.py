"""Bounded number of tasks: work through a long list with at most `n` tasks in memory.

In Rust: phrasebook/tokio/examples/bounded-tasks.rs
"""

import asyncio

LIMIT = 5
texts = 0


async def fetch(page: int) -> str:
    await asyncio.sleep(0)  # A download takes time.
    return f"text of page {page}"


async def main() -> None:
    semaphore = asyncio.Semaphore(LIMIT)
    running: set[asyncio.Task[str]] = set()
    most = 0

    def on_done(task: asyncio.Task[str]) -> None:
        global texts
        running.discard(task)
        semaphore.release()
        texts += 1  # Here task.result() would be used.

    async with asyncio.TaskGroup() as tg:
        for page in range(100):
            await semaphore.acquire()
            task = tg.create_task(fetch(page))
            task.add_done_callback(on_done)
            running.add(task)
            most = max(most, len(running))
    print(f"{texts} pages fetched, at most {most} tasks in memory")


asyncio.run(main())
