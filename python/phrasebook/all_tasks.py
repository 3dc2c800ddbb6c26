"""All tasks: count them, cancel them, and wait for them before the program ends.

In Rust: phrasebook/tokio-util/examples/all-tasks.rs
"""

import asyncio


async def work(start: asyncio.Barrier) -> None:
    try:
        await start.wait()
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)  # Cleaning up takes its time.


def others() -> set[asyncio.Task]:
    return asyncio.all_tasks() - {asyncio.current_task()}


async def main() -> None:
    start = asyncio.Barrier(4)
    workers = [asyncio.create_task(work(start)) for _ in range(3)]
    await start.wait()  # All three have begun.
    print(f"started: {len(workers)} workers, {len(others())} tasks")

    tasks = others()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(f"after the wait: {len(others())} workers")


asyncio.run(main())
