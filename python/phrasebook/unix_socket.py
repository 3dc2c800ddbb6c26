"""Unix domain socket: talk to a program on the same machine through a file.

In Rust: phrasebook/tokio/examples/unix-socket.rs
"""

import asyncio
import tempfile
from asyncio import StreamReader, StreamWriter
from pathlib import Path


async def kitchen(reader: StreamReader, writer: StreamWriter) -> None:
    dish = await reader.read()
    writer.write(dish + b" is coming")
    await writer.drain()
    writer.close()


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kitchen")
        server = await asyncio.start_unix_server(kitchen, path)
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"soup")
        writer.write_eof()
        print(f"the kitchen says: {(await reader.read()).decode()}")
        writer.close()
        server.close()


asyncio.run(main())
