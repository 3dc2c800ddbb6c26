"""Async lock (mutex): one task at a time in a section of code that awaits.

In Rust: phrasebook/tokio/examples/async-lock.rs
"""

import asyncio


class Account:
    def __init__(self) -> None:
        self.balance = 100
        self.withdrawals = 0
        self.lock = asyncio.Lock()


async def ask_the_bank() -> None:
    await asyncio.sleep(0)  # This takes time.


async def withdraw(account: Account, amount: int) -> None:
    async with account.lock:
        seen = account.balance
        await ask_the_bank()
        account.balance = seen - amount
        account.withdrawals += 1


async def main() -> None:
    account = Account()
    async with asyncio.TaskGroup() as tg:
        for _ in range(10):
            tg.create_task(withdraw(account, 10))
    print(f"{account.withdrawals} withdrawals of 10 leave {account.balance}")


asyncio.run(main())
