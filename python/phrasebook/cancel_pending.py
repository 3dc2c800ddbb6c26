"""Cancel the tasks that are no longer needed, and go on when they have really ended.

In Rust: phrasebook/tokio/examples/cancel-pending.rs
"""

import asyncio

out = 0


async def search(number: int) -> int:
    global out
    out += 1
    try:
        if number > 1:
            await asyncio.sleep(3600)
        return number
    finally:
        out -= 1


async def main() -> None:
    crews = [asyncio.create_task(search(number)) for number in range(1, 4)]
    done, pending = await asyncio.wait(crews, return_when=asyncio.FIRST_COMPLETED)
    print("found by crew", done.pop().result())
    for crew in pending:
        crew.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    print(f"all home: {out} crews out")


asyncio.run(main())
