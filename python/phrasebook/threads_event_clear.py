"""A door that opens and shuts: threads wait as long as it is shut.

In Rust: phrasebook/std/examples/threads-event-clear.rs
"""

import threading


def main() -> None:
    door = threading.Event()
    told: list[str] = []

    def wait(timeout: float) -> str:
        return "went in" if door.wait(timeout) else "waited in vain"

    print(f"shut: {wait(0.02)}")
    guest = threading.Thread(target=lambda: told.append(wait(10)))
    guest.start()
    door.set()
    guest.join()
    print(f"opened: {told[0]}")
    door.clear()
    print(f"shut again: {wait(0.02)}")


main()
