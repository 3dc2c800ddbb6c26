"""Have something done after a delay, or at a moment, unless it is cancelled before.

In Rust: examples-async/examples/call-later.rs
"""

import asyncio


async def main() -> None:
    loop = asyncio.get_running_loop()

    rung = asyncio.Event()
    loop.call_later(0.001, lambda: (print("phone: ring"), rung.set()))
    visit = loop.call_at(loop.time() + 0.002, print, "door: let the guests in")
    visit.cancel()
    await rung.wait()

    done = asyncio.Event()
    loop.call_later(0.005, print, "tea: take it out")
    bath = loop.call_later(0.010, print, "bath: turn the water off")
    bath.cancel()  # The plug was out.
    loop.call_later(0.040, lambda: (print("oven: look after the cake"), done.set()))
    await done.wait()


asyncio.run(main())
