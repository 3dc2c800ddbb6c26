"""Let one task at a time into a stretch of code, also when that stretch waits.

In Rust: phrasebook/tokio/examples/async-lock.rs
"""

import asyncio

balance = 100
withdrawals = 0
lock = asyncio.Lock()


async def ask_the_bank() -> None:
    await asyncio.sleep(0)


async def withdraw(amount: int) -> None:
    global balance, withdrawals
    async with lock:
        seen = balance
        await ask_the_bank()
        balance = seen - amount
        withdrawals += 1


async def main() -> None:
    async with asyncio.TaskGroup() as tg:
        for _ in range(10):
            tg.create_task(withdraw(10))
    print(f"{withdrawals} withdrawals of 10 leave {balance}")


asyncio.run(main())
