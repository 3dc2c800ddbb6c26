"""Write, flush and half-close a stream: send EOF, and still read the answer.

In Rust: phrasebook/tokio/examples/stream-drain.rs
"""

import asyncio
from asyncio import StreamReader, StreamWriter


async def mailbox(reader: StreamReader, writer: StreamWriter) -> None:
    letter = await reader.read()
    writer.write(f"{len(letter)} bytes, thank you".encode())
    await writer.drain()
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(mailbox, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()

    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"Dear ")
    writer.write(b"Ada!")
    await writer.drain()
    writer.write_eof()
    print(f"the mailbox says: {(await reader.read()).decode()}")
    writer.close()
    server.close()


asyncio.run(main())
