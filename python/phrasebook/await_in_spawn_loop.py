"""Known wrong: start a task and wait for it in the same turn of a loop.

In Rust: phrasebook/tokio/examples/await-in-spawn-loop.rs
"""

import asyncio

log: list[str] = []


async def fetch(page: str) -> None:
    log.append(f"ask {page}")
    await asyncio.sleep(0.001)
    log.append(f"got {page}")


async def main() -> None:
    # Wrong would be: for page in "abc": await asyncio.create_task(fetch(page))
    tasks = [asyncio.create_task(fetch(page)) for page in "abc"]
    for task in tasks:
        await task
    print(", ".join(log))


asyncio.run(main())
