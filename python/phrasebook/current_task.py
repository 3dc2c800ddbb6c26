"""Current task: ask which one is running, and which of many has failed.

In Rust: phrasebook/tokio/examples/current-task.rs
"""

import asyncio


async def who_am_i() -> asyncio.Task | None:
    return asyncio.current_task()


async def ride(lift: int) -> str:
    if lift == 2:
        raise RuntimeError("stuck")
    return "up"


async def main() -> None:
    task = asyncio.create_task(who_am_i())
    same = "the same" if await task is task else "another"
    print(f"the task itself and its handle: {same} task")

    lifts = [
        asyncio.create_task(ride(lift), name=f"lift {lift}") for lift in range(1, 4)
    ]
    await asyncio.wait(lifts)
    for lift in lifts:
        print(f"{lift.get_name()}: {lift.exception() or lift.result()}")


asyncio.run(main())
