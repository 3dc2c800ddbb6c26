"""Start the program's event loop, run one coroutine to its end, and give back its value.

In Rust: phrasebook/tokio-util/examples/asyncio-run.rs
"""

import asyncio


async def keep_diary() -> None:
    print("diary: opened")
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)  # The last line takes its time.
        print("diary: closed")


async def main() -> int:
    asyncio.create_task(keep_diary())
    await asyncio.sleep(0)
    return 3


# Cancels what is left when main returns, and waits for it.
customers = asyncio.run(main())
print(f"{customers} customers")
