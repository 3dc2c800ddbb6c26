"""Async method of a trait: an abstract async method, and a list of several types.

In Rust: phrasebook/tokio/examples/async-method.rs
"""

import asyncio
from abc import ABC, abstractmethod


class Shop(ABC):
    @abstractmethod
    async def price(self) -> int: ...


class Stall(Shop):
    async def price(self) -> int:
        await asyncio.sleep(0)  # Asking takes time.
        return 3


class Cafe(Shop):
    async def price(self) -> int:
        await asyncio.sleep(0)
        return 5


async def ask(name: str, shop: Shop) -> str:
    return f"the {name} wants {await shop.price()}"


async def main() -> None:
    print(f"a generic function: {await ask('stall', Stall())}")

    print(f"a task: {await asyncio.create_task(ask('cafe', Cafe()))}")

    shops: list[Shop] = [Stall(), Cafe()]
    prices = [await shop.price() for shop in shops]
    print(f"a list: {prices}")


asyncio.run(main())
