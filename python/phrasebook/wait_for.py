"""Timeout with clean-up: cancel a task at its limit, and wait until it has ended.

In Rust: phrasebook/tokio-util/examples/wait-for.rs
"""

import asyncio

reserved = 0


async def reserve() -> str:
    global reserved
    reserved += 1
    try:
        await asyncio.sleep(3600)  # Pays.
        return "paid"
    except asyncio.CancelledError:
        await asyncio.sleep(0.001)  # Clean-up that has to wait.
        reserved -= 1
        print("clean-up: table released")
        raise


async def main() -> None:
    try:
        result = await asyncio.wait_for(reserve(), timeout=0.01)
    except TimeoutError:
        result = "too late"
    print(f"{result}, {reserved} tables reserved")


asyncio.run(main())
