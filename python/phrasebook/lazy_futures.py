"""Common mistake: call an async function and forget `await`.

In Rust: phrasebook/futures-util/examples/lazy-futures.rs
"""

import asyncio

saved = 0


async def save(file: str) -> None:
    global saved
    await asyncio.sleep(0)  # Writing takes time.
    saved += 1


async def main() -> None:
    coroutine = save("letter.txt")
    print(f"called: {saved} saved")
    await coroutine
    print(f"awaited: {saved} saved")

    files = ["a.txt", "b.txt", "c.txt"]
    await asyncio.gather(*map(save, files))
    print(f"all awaited: {saved} saved")


asyncio.run(main())
