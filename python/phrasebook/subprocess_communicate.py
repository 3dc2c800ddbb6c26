"""Feed a program through its standard input, and take all that it prints.

In Rust: phrasebook/std/examples/subprocess-communicate.rs
"""

import shutil
import subprocess
import sys


def parrot() -> None:
    """The program that is run: repeats what it hears, and complains as much."""
    shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)
    sys.stderr.write("!" * 1_000_000)


def main() -> None:
    if len(sys.argv) > 1:
        return parrot()
    text = b"." * 1_000_000
    with subprocess.Popen(
        [sys.executable, __file__, "parrot"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        out, errors = child.communicate(text)
    print(f"{len(text)} bytes in, {len(out)} out, {len(errors)} of errors")


main()
