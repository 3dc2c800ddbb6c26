"""Pipeline: connect two programs, like `list | sort` in a shell.

In Rust: phrasebook/std/examples/subprocess-pipeline.rs
"""

import subprocess
import sys

LIST = """
import sys
for name in sys.argv[1].split():
    if name == "?":
        sys.exit(3)
    print(name)
"""
SORT = "import sys; print(*sorted(sys.stdin.read().split()), sep=', ')"


def pipeline(names: str) -> tuple[int, int, str]:
    command = [sys.executable, "-c", LIST, names]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as listing:
        command = [sys.executable, "-c", SORT]
        with subprocess.Popen(
            command, stdin=listing.stdout, stdout=subprocess.PIPE, text=True
        ) as sorting:
            listing.stdout.close()  # Or the list would not learn that the sort has ended.
            text, _ = sorting.communicate()
    return listing.returncode, sorting.returncode, text


def main() -> None:
    listed, sorted_, text = pipeline("Cy Ada Bob")
    if listed == 0 and sorted_ == 0:
        print(f"sorted: {text}", end="")

    listed, sorted_, text = pipeline("Cy Ada ? Bob")
    # Wrong: checks only the last one, as a shell does without `pipefail`.
    if sorted_ == 0 and listed != 0:
        print("trap: sort has succeeded, but list has failed: the names are incomplete")


main()
