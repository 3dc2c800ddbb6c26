"""Read a line, give up waiting for it, and still get the whole line later.

In Rust: phrasebook/tokio/examples/readline.rs
"""

import asyncio
import socket


async def main() -> None:
    a, b = socket.socketpair()  # Two ends of a connection.
    _, friend = await asyncio.open_connection(sock=a)
    reader, writer = await asyncio.open_connection(sock=b)

    friend.write(b"hello, ")
    try:
        await asyncio.wait_for(reader.readline(), 0.01)
    except TimeoutError:
        print("no line within 10 ms")
    friend.write(b"Ada\n")
    print(f"line: {(await reader.readline()).decode().rstrip()}")
    friend.close()
    writer.close()


asyncio.run(main())
