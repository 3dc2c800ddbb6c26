"""Read exactly `n` bytes, even if they come in pieces.

In Rust: phrasebook/tokio/examples/readexactly.rs
"""

import asyncio
import socket


async def main() -> None:
    a, b = socket.socketpair()  # Two ends of a connection.
    _, sender = await asyncio.open_connection(sock=a)
    receiver, writer = await asyncio.open_connection(sock=b)

    sender.write(b"so")
    try:
        await asyncio.wait_for(receiver.readexactly(4), 0.01)
    except TimeoutError:
        print("no message within 10 ms")
    sender.write(b"upfishca")
    print(f"message: {(await receiver.readexactly(4)).decode()}")
    print(f"message: {(await receiver.readexactly(4)).decode()}")
    sender.close()
    try:
        await receiver.readexactly(4)
    except asyncio.IncompleteReadError:
        print("the last message is incomplete")
    writer.close()


asyncio.run(main())
