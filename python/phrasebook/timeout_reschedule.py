"""Move a deadline while something waits for it: hang up after a silence, not after a time.

In Rust: phrasebook/tokio/examples/timeout-reschedule.rs
"""

import asyncio

SILENCE = 0.02


async def main() -> None:
    ear: asyncio.Queue[str] = asyncio.Queue()
    for word in ["hello", "are you there", "bye"]:
        ear.put_nowait(word)

    time = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(SILENCE) as silence:
            while True:
                print("heard:", await ear.get())
                silence.reschedule(time() + SILENCE)
    except TimeoutError:
        print("silence: hung up")


asyncio.run(main())
