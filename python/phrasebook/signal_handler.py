"""Signal handler: stop in good order on SIGTERM or Ctrl-C (SIGINT).

In Rust: phrasebook/tokio/examples/signal-handler.rs
"""

import asyncio
import os
import signal


async def serve() -> None:
    try:
        os.kill(os.getpid(), signal.SIGTERM)  # Another program stops this one.
        await asyncio.Event().wait()
    finally:
        print("connection closed")


async def main() -> None:
    server = asyncio.create_task(serve())

    # On Ctrl-C no handler is needed: `asyncio.run` cancels `main`.
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, server.cancel)
    await asyncio.wait([server])
    if server.cancelled():
        print("stopped by SIGTERM")

    # From here on the signal ends the program again.
    loop.remove_signal_handler(signal.SIGTERM)


asyncio.run(main())
