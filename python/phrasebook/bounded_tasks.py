"""Work through a long list with tasks, of which only so many exist at a time.

In Rust: phrasebook/tokio/examples/bounded-tasks.rs
"""

import asyncio

now = most = 0


async def fetch(limit: asyncio.Semaphore) -> None:
    global now
    try:
        await asyncio.sleep(0)  # The page comes from far away.
        now -= 1
    finally:
        limit.release()


async def main() -> None:
    global now, most
    limit = asyncio.Semaphore(5)
    tasks = []
    async with asyncio.TaskGroup() as crawl:
        for _page in range(100):
            await limit.acquire()
            now += 1
            most = max(most, now)
            tasks.append(crawl.create_task(fetch(limit)))
    print(f"{len(tasks)} pages fetched, at most {most} tasks at once")


asyncio.run(main())
