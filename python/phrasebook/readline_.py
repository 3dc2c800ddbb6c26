"""Read lines with a timeout, and lose no part of a line.

In Rust: phrasebook/tokio/examples/readline.rs
"""

import asyncio
import socket


async def main() -> None:
    a, b = socket.socketpair()  # Two ends of a connection.
    _, sender = await asyncio.open_connection(sock=a)
    reader, writer = await asyncio.open_connection(sock=b)

    sender.write(b"hello, ")
    try:
        await asyncio.wait_for(reader.readline(), 0.01)
    except TimeoutError:
        print("no line within 10 ms")
    sender.write(b"Ada\n")
    print(f"line: {(await reader.readline()).decode().rstrip()}")
    sender.close()
    writer.close()


asyncio.run(main())
