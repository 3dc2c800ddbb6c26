"""Start a program, talk with it while it runs, and end it.

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
        print(f"running: {str(child.poll() is None).lower()}")
        for name in ["Ada", "Bob"]:
            print(name, file=child.stdin, flush=True)
            print(child.stdout.readline(), end="")
        child.stdin.close()
        print(f"ended by itself: success: {str(child.wait() == 0).lower()}")
    with greeter() as child:
        child.kill()
        print(f"ended by us: success: {str(child.wait() == 0).lower()}")


main()
