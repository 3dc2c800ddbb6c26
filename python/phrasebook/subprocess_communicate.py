"""`communicate`: write to a program's standard input and collect all its output.

In Rust: phrasebook/std/examples/subprocess-communicate.rs
"""

import shutil
import subprocess
import sys
import threading
from typing import IO


def program(task: str) -> None:
    """The program that is run: this one, with an argument."""
    if task == "head":
        sys.stdin.buffer.read(10)
        print("10 bytes were enough")
        return
    # Repeats its input, and writes as much on standard error.
    shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)
    sys.stderr.write("!" * 1_000_000)


def start(task: str, stderr: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, __file__, task],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


def write(stdin: IO[bytes], text: bytes) -> None:
    with stdin:
        stdin.write(text)


def main() -> None:
    if len(sys.argv) > 1:
        return program(sys.argv[1])
    text = b"." * 1_000_000
    with start("repeat") as child:
        out, errors = child.communicate(text)
    assert child.returncode == 0, "the program has failed"
    print(f"{len(text)} bytes in, {len(out)} out, {len(errors)} on stderr")

    with start("head") as child:
        out, _ = child.communicate(text)
    assert child.returncode == 0, "the program has failed"
    print(out.decode(), end="")

    # Wrong: first all of the input, then the output. (In a thread, to see it hang.)
    with start("repeat", stderr=subprocess.STDOUT) as child:
        writer = threading.Thread(target=write, args=(child.stdin, text))
        writer.start()
        writer.join(timeout=0.05)
        if writer.is_alive():
            print(
                "trap: all input is written before anything is read: "
                "both sides still wait after 50 ms"
            )
        child.stdout.read()  # So both go on.
        writer.join()


main()
