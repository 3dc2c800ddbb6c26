"""Connect two programs, as the shell's `list | sort` does.

In Rust: phrasebook/std/examples/subprocess-pipeline.rs
"""

import subprocess
import sys

LIST = "print('Cy', 'Ada', 'Bob', sep='\\n')"
SORT = "import sys; print(*sorted(sys.stdin.read().split()), sep=', ')"


def main() -> None:
    listing = subprocess.Popen([sys.executable, "-c", LIST], stdout=subprocess.PIPE)
    with listing:
        sort = subprocess.Popen(
            [sys.executable, "-c", SORT],
            stdin=listing.stdout,
            stdout=subprocess.PIPE,
            text=True,
        )
        listing.stdout.close()  # Or the list would never learn that the sort has ended.
        with sort:
            names = sort.stdout.read().strip()
    if listing.returncode == 0 and sort.returncode == 0:
        print(f"sorted: {names}")


main()
