"""Run a program, wait for it, and check its exit code and its output.

In Rust: phrasebook/std/examples/subprocess-run.rs
"""

import subprocess
import sys


def greet(name: str) -> None:
    """The program that is run: this one, with an argument."""
    if name == "Eve":
        print(f"I do not know {name}", file=sys.stderr)
        sys.exit(3)
    print(f"hello {name}")


def run(program: str, *arguments: str) -> str:
    command = [program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> None:
    if len(sys.argv) > 1:
        return greet(sys.argv[1])
    print(run(sys.executable, __file__, "Ada"), end="")
    try:
        run(sys.executable, __file__, "Eve")
    except subprocess.CalledProcessError as error:
        print(f"exit code {error.returncode}: {error.stderr}", end="")
    try:
        run("no/such/program")
    except FileNotFoundError:
        print("there is no such program")


main()
