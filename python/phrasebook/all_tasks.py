"""End all tasks before the program ends: count them, cancel them, wait for them.

In Rust: phrasebook/tokio-util/examples/all-tasks.rs
"""

import asyncio


async def till() -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)  # The money is counted.


def others() -> set[asyncio.Task]:
    return asyncio.all_tasks() - {asyncio.current_task()}


async def main() -> None:
    tills = [asyncio.create_task(till()) for _ in range(3)]
    print(f"open: {len(tills)} tills, {len(others())} tasks")
    await asyncio.sleep(0)  # They begin.

    for task in others():
        task.cancel()
    await asyncio.gather(*tills, return_exceptions=True)
    print(f"closed: {len(others())} tills")


asyncio.run(main())
