"""`Popen`: start a program, talk with it while it runs, and end it.

In Rust: phrasebook/std/examples/popen.rs
"""

import subprocess
import sys

GREETER = "import sys\nfor name in sys.stdin: print('hello', name, end='', flush=True)"


def greeter() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", GREETER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def main() -> None:
    with greeter() as child:
        if child.poll() is None:
            print("the program is running")
        for name in ["Ada", "Bob"]:
            print(name, file=child.stdin, flush=True)
            print(child.stdout.readline(), end="")
        child.stdin.close()
        if child.wait() == 0:
            print("it has ended with success")
    with greeter() as child:
        child.kill()
        if child.wait() != 0:
            print("killed: it has ended without success")


main()
