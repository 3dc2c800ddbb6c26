"""TCP server with graceful shutdown: no answer is cut short.

In Rust: phrasebook/tokio-util/examples/start-server.rs
"""

import asyncio
from asyncio import StreamReader, StreamWriter

# The connections that are open: each task, and what closes it.
clients: dict[asyncio.Task[None], StreamWriter] = {}


async def answer(reader: StreamReader, writer: StreamWriter) -> None:
    task = asyncio.current_task()
    clients[task] = writer
    try:
        while words := await reader.read(1024):
            writer.write(words.upper())
            await writer.drain()
    finally:
        writer.close()
        del clients[task]


async def greet(reader: StreamReader, writer: StreamWriter) -> str:
    writer.write(b"hello")
    return (await reader.readexactly(5)).decode()


async def main() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    reader, ada = await asyncio.open_connection(host, port)
    print(f"Ada reads {await greet(reader, ada)}")
    server.close()
    connections = list(clients)
    for client in clients.values():
        client.close()  # From 3.13 on, server.close_clients() does it.
    await asyncio.gather(*connections)  # From 3.12 on, wait_closed() waits for them.
    await server.wait_closed()
    print("the server has ended, though Ada is still connected")
    ada.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    reader, eve = await asyncio.open_connection(host, port)
    await greet(reader, eve)
    server.close()
    # Wrong: no client is closed.
    _, waiting = await asyncio.wait(list(clients), timeout=0.05)
    if waiting:
        print(
            "trap: Eve's connection was not told to stop, the server still waits for it"
        )
    eve.close()
    await asyncio.wait(waiting)


asyncio.run(main())
