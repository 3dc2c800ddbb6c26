"""Have something done after a delay, or at a moment, unless it is cancelled before.

In Rust: phrasebook/tokio-util/examples/call-later.rs
"""

import asyncio


async def main() -> None:
    loop = asyncio.get_running_loop()

    loop.call_later(0.001, print, "phone: ring")
    visit = loop.call_at(loop.time() + 0.002, print, "door: let the guests in")
    visit.cancel()
    await asyncio.sleep(0.003)

    loop.call_later(0.040, print, "oven: look after the cake")
    loop.call_later(0.005, print, "tea: take it out")
    bath = loop.call_later(0.010, print, "bath: turn the water off")
    bath.cancel()  # The plug was out.
    await asyncio.sleep(0.050)


asyncio.run(main())
