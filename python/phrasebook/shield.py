"""Shield a task from the cancellation of its caller.

In Rust: phrasebook/tokio/examples/shield.rs
"""

import asyncio

charged = booked = 0


async def pay(bank: asyncio.Event) -> None:
    global charged, booked
    charged += 1
    await bank.wait()  # The bank is slow.
    booked += 1


async def main() -> None:
    bank = asyncio.Event()
    payment = asyncio.create_task(pay(bank))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.shield(payment)
    except TimeoutError:
        print("the caller has timed out")
    bank.set()
    await payment
    print(f"charged {charged}, booked {booked}")


asyncio.run(main())
