"""Environment, working directory and text of a program: `env`, `cwd`, `text`, `encoding`.

In Rust: phrasebook/std/examples/subprocess-env.rs
"""

import os
import subprocess
import sys


def program(task: str) -> None:
    """The program that is run: this one, with an argument."""
    if task == "latin-1":
        sys.stdout.buffer.write(b"caf\xe9")
        return
    path = "a PATH" if "PATH" in os.environ else "no PATH"
    print(f"folder {os.getcwd()}, greeting {os.environ['GREETING']}, {path}", end="")


def main() -> None:
    if len(sys.argv) > 1:
        return program(sys.argv[1])
    command = [sys.executable, __file__]

    done = subprocess.run(
        [*command, "describe"],
        cwd="/",
        env={"GREETING": "hello"},
        capture_output=True,
        text=True,
        check=True,
    )
    print(done.stdout)

    latin = [*command, "latin-1"]
    try:
        subprocess.run(latin, capture_output=True, encoding="utf-8")
    except UnicodeDecodeError as error:
        print(f"not UTF-8: the text is valid up to byte {error.start}")
    done = subprocess.run(
        latin, capture_output=True, encoding="utf-8", errors="replace", check=True
    )
    if done.stdout.endswith("\N{REPLACEMENT CHARACTER}"):
        print(f"replaced: {len(done.stdout)} characters, the last is U+FFFD")


main()
