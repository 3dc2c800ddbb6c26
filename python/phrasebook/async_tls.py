"""TLS: a server with a certificate, and a client that checks it.

In Rust: phrasebook/tokio-rustls/examples/async-tls.rs
"""

import asyncio
import ssl
import subprocess
import tempfile
from asyncio import StreamReader, StreamWriter
from pathlib import Path

# The program makes the certificate: Python's library cannot.
OPENSSL = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost".split()
NAME = ["-addext", "subjectAltName=DNS:localhost"]


async def greet(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(b"hello")
    writer.close()
    await writer.wait_closed()


async def read(port: int, context: ssl.SSLContext) -> str:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost"
    )
    text = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return text


async def main(cert: Path, key: Path) -> None:
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_context.load_cert_chain(cert, key)
    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=server_context)
    port = server.sockets[0].getsockname()[1]
    async with server:
        context = ssl.create_default_context(cafile=cert)
        print(f"the client reads {await read(port, context)}")

        try:
            await read(port, ssl.create_default_context())
        except ssl.SSLCertVerificationError:
            print("refused: the client does not trust the certificate")


with tempfile.TemporaryDirectory() as folder:
    cert, key = Path(folder, "cert.pem"), Path(folder, "key.pem")
    command = [*OPENSSL, *NAME, "-out", cert, "-keyout", key]
    subprocess.run(command, check=True, capture_output=True)
    asyncio.run(main(cert, key))
