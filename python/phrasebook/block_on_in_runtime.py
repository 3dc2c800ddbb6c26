"""Common mistake: `block_on` or `asyncio.run` inside async code.

In Rust: phrasebook/tokio/examples/block-on-in-runtime.rs
"""

import asyncio


async def stock() -> int:
    await asyncio.sleep(0)  # Asking the warehouse takes time.
    return 12


def stock_blocking(loop: asyncio.AbstractEventLoop) -> int:
    return asyncio.run_coroutine_threadsafe(stock(), loop).result()


async def main() -> None:
    print("stock:", await stock())

    # Wrong: refused.
    coroutine = stock()
    try:
        asyncio.run(coroutine)
    except RuntimeError as error:
        print("refused:", error)
    coroutine.close()

    # Right: the loop runs on while another thread waits for it.
    loop = asyncio.get_running_loop()
    print("on another thread:", await asyncio.to_thread(stock_blocking, loop))


asyncio.run(main())
