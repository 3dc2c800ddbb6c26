"""TCP client: connect, send lines, and read the answers line by line.

In Rust: phrasebook/tokio/examples/open-connection.rs
"""

import asyncio
from asyncio import StreamReader, StreamWriter

answered = 0


async def serve_one(reader: StreamReader, writer: StreamWriter) -> None:
    global answered
    async for name in reader:
        writer.write(b"hello " + name)
        await writer.drain()
        answered += 1
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()

    reader, writer = await asyncio.open_connection(host, port)
    for name in ["Ada", "Ben"]:
        writer.write(f"{name}\n".encode())
        await writer.drain()
        print((await reader.readline()).decode().rstrip())
    writer.write_eof()  # The server reads to the end and stops.
    await reader.read()
    print(f"the server has answered {answered} lines")
    writer.close()
    server.close()


asyncio.run(main())
