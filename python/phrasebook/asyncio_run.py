"""Event loop: start it, run `main` to its end, and return its value.

In Rust: phrasebook/tokio-util/examples/asyncio-run.rs
"""

import asyncio


async def serve(started: asyncio.Event) -> None:
    try:
        print("server: started")
        started.set()
        await asyncio.Event().wait()  # Until it is cancelled.
    finally:
        await asyncio.sleep(0)  # Cleaning up takes time.
        print("server: cleaned up")


async def main() -> int:
    started = asyncio.Event()
    server = asyncio.create_task(serve(started))
    await started.wait()
    return 3


# Cancels the tasks that are left when main returns, and waits for them.
requests = asyncio.run(main())
print(f"{requests} requests")
