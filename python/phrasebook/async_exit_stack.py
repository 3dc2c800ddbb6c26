"""Exit stack: open things in turn, close them in reverse order, even after a failure.

In Rust: phrasebook/futures-util/examples/async-exit-stack.rs
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager


@asynccontextmanager
async def connect(service: str) -> AsyncIterator[None]:
    if service == "mailer":
        raise ConnectionError(f"{service} does not answer")
    print(service, "opened")
    try:
        yield
    finally:
        await asyncio.sleep(0)  # The service takes its time.
        print(service, "closed")


async def report_stop() -> None:
    await asyncio.sleep(0)
    print("stop reported")


async def main() -> None:
    try:
        async with AsyncExitStack() as exits:
            exits.push_async_callback(report_stop)
            for service in ["database", "cache", "mailer"]:
                await exits.enter_async_context(connect(service))
            print("all services run")
    except ConnectionError as error:
        print("failed:", error)


asyncio.run(main())
