"""Wait for a thread, but not longer than so long, and ask whether it has ended.

In Rust: phrasebook/std/examples/thread-join-timeout.rs
"""

import threading


def main() -> None:
    stove_off = threading.Event()
    pot: list[str] = []

    def cook() -> None:
        stove_off.wait()
        pot.append("soup")

    thread = threading.Thread(target=cook)
    thread.start()
    thread.join(timeout=0.02)
    print(f"after 20 ms still cooking: {str(thread.is_alive()).lower()}")

    stove_off.set()
    thread.join(timeout=10)
    print(f"off the stove: {str(not thread.is_alive()).lower()}")
    print(pot[0])


main()
