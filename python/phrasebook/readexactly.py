"""Read a message of a known length, also when it comes in pieces.

In Rust: phrasebook/tokio/examples/readexactly.rs
"""

import asyncio
import socket


async def main() -> None:
    a, b = socket.socketpair()  # Two ends of a connection.
    _, waiter = await asyncio.open_connection(sock=a)
    kitchen, writer = await asyncio.open_connection(sock=b)

    waiter.write(b"so")
    try:
        await asyncio.wait_for(kitchen.readexactly(4), 0.01)
    except TimeoutError:
        print("no order within 10 ms")
    waiter.write(b"upfishca")
    print(f"order: {(await kitchen.readexactly(4)).decode()}")
    print(f"order: {(await kitchen.readexactly(4)).decode()}")
    waiter.close()
    try:
        await kitchen.readexactly(4)
    except asyncio.IncompleteReadError:
        print("the last order broke off")
    writer.close()


asyncio.run(main())
