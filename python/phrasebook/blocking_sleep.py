"""Common mistake: a blocking sleep, or another blocking call, inside a task.

In Rust: phrasebook/tokio/examples/blocking-sleep.rs
"""

import asyncio
import time

log: list[str] = []


async def cook(what: str, seconds: float) -> None:
    log.append(f"{what} on")
    await asyncio.sleep(seconds)
    log.append(f"{what} off")


async def cook_blocking(what: str, seconds: float) -> None:
    log.append(f"{what} on")
    time.sleep(seconds)  # Wrong: holds the thread.
    log.append(f"{what} off")


async def main() -> None:
    await asyncio.gather(cook("egg", 0.005), cook("toast", 0.01))
    print(", ".join(log))

    log.clear()
    await asyncio.gather(cook_blocking("egg", 0.005), cook_blocking("toast", 0.01))
    print("trap: blocking:", ", ".join(log))


asyncio.run(main())
