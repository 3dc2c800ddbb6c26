"""Async priority queue: the smallest item comes first.

In Rust: phrasebook/tokio/examples/async-priority-queue.rs
"""

import asyncio


async def doctor(patients: asyncio.PriorityQueue[tuple[int, str]]) -> None:
    for _ in range(3):
        urgency, what = await patients.get()
        print(f"{urgency}: {what}")


async def main() -> None:
    patients: asyncio.PriorityQueue[tuple[int, str]] = asyncio.PriorityQueue()
    at_work = asyncio.create_task(doctor(patients))
    for patient in [(3, "a cold"), (1, "a heart"), (2, "an arm")]:
        patients.put_nowait(patient)
    await at_work


asyncio.run(main())
