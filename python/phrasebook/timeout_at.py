"""Give several steps one deadline together.

In Rust: phrasebook/tokio/examples/timeout-at.rs
"""

import asyncio


async def main() -> None:
    inbox: asyncio.Queue[str] = asyncio.Queue()
    for sender in ["Ann", "Bob"]:  # Cleo's comes in the afternoon.
        inbox.put_nowait(sender)

    noon = asyncio.get_running_loop().time() + 0.01
    count = 0
    try:
        async with asyncio.timeout_at(noon):
            while True:
                print("a letter from", await inbox.get())
                count += 1
    except TimeoutError:
        print(f"noon: {count} letters today")


asyncio.run(main())
