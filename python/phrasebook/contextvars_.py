"""Context variable: a value that goes along with a task, not through every function.

In Rust: phrasebook/tokio/examples/contextvars.rs
"""

import asyncio
from contextvars import ContextVar

REQUEST: ContextVar[int] = ContextVar("REQUEST")


def log(what: str) -> None:
    try:
        print(f"request {REQUEST.get()}: {what}")
    except LookupError:
        print(f"{what}: no request")


async def write_log() -> None:
    log("write the log")


async def handle(request: int, name: str) -> None:
    REQUEST.set(request)
    log(f"look up {name}")
    await asyncio.create_task(write_log())  # Gets a copy of the context.


async def main() -> None:
    for request, name in [(1, "Ann"), (2, "Bob")]:
        # A task has a context of its own, so that the value does not leak out of it.
        await asyncio.create_task(handle(request, name))
    log("outside")


asyncio.run(main())
