"""Broadcast: one message to every consumer (publish and subscribe).

In Rust: phrasebook/tokio/examples/async-broadcast.rs
"""

import asyncio

NEWS = ["kick-off", "goal", "whistle"]


async def listen(queue: asyncio.Queue[str | None]) -> str:
    heard = []
    while (message := await queue.get()) is not None:
        heard.append(message)
    return ", ".join(heard)


async def publish(queues: list[asyncio.Queue[str | None]]) -> None:
    for message in [*NEWS, None]:  # None ends the loops.
        for queue in queues:
            await queue.put(message)


async def main() -> None:
    queues = [asyncio.Queue() for _ in range(2)]
    radio, screen = (asyncio.create_task(listen(queue)) for queue in queues)
    await publish(queues)
    print(f"radio: {await radio}")
    print(f"screen: {await screen}")

    queue = asyncio.Queue()  # No limit: it keeps what is not yet received.
    await publish([queue])
    print(f"late: {await listen(queue)}")


asyncio.run(main())
