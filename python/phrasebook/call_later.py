"""Delayed call: run something after a delay or at a given time, unless cancelled before.

In Rust: phrasebook/tokio-util/examples/call-later.rs
"""

import asyncio


async def main() -> None:
    loop = asyncio.get_running_loop()

    rang = asyncio.Event()

    def ring() -> None:
        print("phone: ring")
        rang.set()

    loop.call_later(0.001, ring)
    visit = loop.call_at(loop.time() + 0.002, print, "door: let the guests in")
    visit.cancel()
    await rang.wait()

    oven = loop.create_future()
    loop.call_later(0.040, oven.set_result, "oven: look after the cake")
    loop.call_later(0.005, print, "tea: take it out")
    bath = loop.call_later(0.010, print, "bath: turn the water off")
    bath.cancel()
    print(await oven)


asyncio.run(main())
