"""Daemon thread: the program ends without waiting for it.

In Rust: phrasebook/std/examples/thread-daemon.rs
"""

import os
import subprocess
import sys
import threading


def editor(daemon: bool) -> None:
    def autosave() -> None:
        os.read(0, 1)  # Waits until there is work.
        print("saved")

    print("started")
    # At its end Python joins all threads but daemons.
    threading.Thread(target=autosave, daemon=daemon).start()


def main() -> None:
    if len(sys.argv) > 1:
        return editor(daemon=sys.argv[1] == "daemon")
    for how in ["joined", "daemon"]:
        with subprocess.Popen(
            [sys.executable, __file__, how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            if how == "joined":
                print(file=child.stdin, flush=True)
            lines = child.stdout.read().splitlines()
        assert child.returncode == 0
        print(f"{how}: {', '.join(lines)}")


main()
