"""Let several workers take from one queue, each item going to one of them.

In Rust: phrasebook/tokio/examples/async-queue-workers.rs
"""

import asyncio

now = most = 0


async def shrink(_picture: int) -> None:
    global now, most
    now += 1
    most = max(most, now)
    await asyncio.sleep(0)  # The file is written.
    now -= 1


async def worker(jobs: asyncio.Queue[int | None]) -> int:
    done = 0
    while (picture := await jobs.get()) is not None:
        await shrink(picture)
        done += 1
    return done


async def main() -> None:
    jobs: asyncio.Queue[int | None] = asyncio.Queue()
    for picture in range(6):
        await jobs.put(picture)
    for _ in range(3):
        await jobs.put(None)  # A last item for each worker.
    done = sum(await asyncio.gather(*(worker(jobs) for _ in range(3))))
    print(f"{done} pictures made smaller, {most} at once")


asyncio.run(main())
