"""Hear a signal from outside, and end in good order.

In Rust: phrasebook/tokio/examples/signal-handler.rs
"""

import asyncio
import os
import signal


async def main() -> None:
    loop = asyncio.get_running_loop()
    terminate = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, terminate.set)
    os.kill(os.getpid(), signal.SIGTERM)
    await terminate.wait()
    print("SIGTERM: closing the shop")

    # From here on the signal kills again.
    loop.remove_signal_handler(signal.SIGTERM)


asyncio.run(main())
