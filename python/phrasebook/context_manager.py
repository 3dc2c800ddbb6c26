"""Context manager, `with`: clean up at the end of a block, also after an error.

In Rust: phrasebook/std/examples/context-manager.rs
"""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def opened(what: str) -> Iterator[None]:
    print(f"{what} open")
    try:
        yield
    finally:
        print(f"{what} closed")


def paint_room() -> None:
    with opened("door"), opened("window"):
        raise RuntimeError("no paint")


def main() -> None:
    try:
        paint_room()
    except RuntimeError as error:
        print(f"room not painted: {error}")

    with contextlib.ExitStack() as stack:
        for number in range(1, 3):
            stack.callback(print, f"stack: callback {number}")

    with contextlib.suppress(FileNotFoundError):
        os.remove("no/such/file")
    print("a file that is not there was not removed")


main()
