"""Lines of a running program: read its output while it runs, stderr in the same pipe.

In Rust: phrasebook/std/examples/subprocess-lines.rs
"""

import sys
from subprocess import PIPE, STDOUT, Popen


def copy_files() -> None:
    """The program that is run: this one, with an argument."""
    print("file 1 copied", flush=True)  # Or start it with `python -u`.
    print("warning: file 2 is large", file=sys.stderr)
    input()
    print("file 2 copied")


def main() -> None:
    if len(sys.argv) > 1:
        return copy_files()
    command = [sys.executable, __file__, "copy files"]
    with Popen(command, stdin=PIPE, stdout=PIPE, stderr=STDOUT, text=True) as child:
        for _ in range(2):
            print("while it runs:", child.stdout.readline(), end="")
        print("yes", file=child.stdin, flush=True)
        for line in child.stdout:
            print("after our answer:", line, end="")
    if child.returncode == 0:
        print("it has ended with success")


main()
