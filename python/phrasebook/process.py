"""`Process`: run a function of this program in a process of its own.

In Rust: phrasebook/std/examples/process.rs
"""

import sys
from multiprocessing import Process


def greet(name: str) -> None:
    print(f"hello {name}")
    if name == "nobody":
        sys.exit(3)


def main() -> None:
    for name in ["Ada", "nobody"]:
        child = Process(target=greet, args=(name,))
        child.start()
        child.join()
        print(f"exit code {child.exitcode}")


if __name__ == "__main__":
    main()
