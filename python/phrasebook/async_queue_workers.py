"""Async worker pool: several workers take items from one queue.

In Rust: phrasebook/tokio/examples/async-queue-workers.rs
"""

import asyncio

now = most = 0  # Pictures in work now, and their maximum.


async def shrink(_picture: int, all_work: asyncio.Barrier) -> None:
    global now, most
    now += 1
    most = max(most, now)
    await all_work.wait()  # For this page only: no worker is faster than the others.
    now -= 1


async def worker(jobs: asyncio.Queue[int | None], all_work: asyncio.Barrier) -> int:
    done = 0
    while (picture := await jobs.get()) is not None:
        await shrink(picture, all_work)
        done += 1
    return done


async def main() -> None:
    jobs: asyncio.Queue[int | None] = asyncio.Queue()
    for picture in range(6):
        await jobs.put(picture)
    for _ in range(3):
        await jobs.put(None)  # A last item for each worker.
    all_work = asyncio.Barrier(3)
    done = sum(await asyncio.gather(*(worker(jobs, all_work) for _ in range(3))))
    print(f"{done} pictures made smaller, {most} at the same time")


asyncio.run(main())
