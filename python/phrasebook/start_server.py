"""Serve many connections at once, and stop without cutting an answer short.

In Rust: phrasebook/tokio-util/examples/start-server.rs
"""

import asyncio
from asyncio import StreamReader, StreamWriter

clients: dict[asyncio.Task[None], StreamWriter] = {}


async def answer(reader: StreamReader, writer: StreamWriter) -> None:
    clients[asyncio.current_task()] = writer
    while words := await reader.read(1024):
        writer.write(words.upper())
        await writer.drain()
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    reader, ada = await asyncio.open_connection(host, port)
    ada.write(b"hello")
    print(f"Ada hears {(await reader.readexactly(5)).decode()}")

    server.close()
    for client in clients.values():  # From 3.13 on, server.close_clients() does it.
        client.close()
    await asyncio.gather(*clients)  # From 3.12 on, wait_closed() would wait for them.
    await server.wait_closed()
    print("the server has ended, though Ada has not hung up")
    ada.close()


asyncio.run(main())
