"""Known wrong: start an event loop, or wait for one, inside code that one already runs.

In Rust: phrasebook/tokio/examples/block-on-in-runtime.rs
"""

import asyncio


async def stock() -> int:
    await asyncio.sleep(0)  # The warehouse is asked.
    return 12


async def main() -> None:
    print("stock:", await stock())

    # Wrong: refused.
    coroutine = stock()
    try:
        asyncio.run(coroutine)
    except RuntimeError as error:
        print("refused:", error)
    coroutine.close()


asyncio.run(main())
