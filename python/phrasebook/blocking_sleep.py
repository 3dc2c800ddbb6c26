"""Known wrong: block the thread, by time.sleep or a blocking call, inside a task.

In Rust: phrasebook/tokio/examples/blocking-sleep.rs
"""

import asyncio

log: list[str] = []


async def cook(what: str, seconds: float) -> None:
    log.append(f"{what} on")
    await asyncio.sleep(seconds)  # Wrong would be time.sleep(seconds).
    log.append(f"{what} off")


async def main() -> None:
    await asyncio.gather(cook("egg", 0.005), cook("toast", 0.01))
    print(", ".join(log))


asyncio.run(main())
