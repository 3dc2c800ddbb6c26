"""Event between threads that can be cleared: wait while it is not set, with a timeout.

In Rust: phrasebook/std/examples/threads-event-clear.rs
"""

import threading


def main() -> None:
    event = threading.Event()
    outcomes: list[str] = []

    def wait(timeout: float) -> str:
        return "went on" if event.wait(timeout) else "timed out"

    print(f"not set: {wait(0.02)}")
    waiter = threading.Thread(target=lambda: outcomes.append(wait(10)))
    waiter.start()
    event.set()
    waiter.join()
    print(f"set: {outcomes[0]}")
    event.clear()
    print(f"cleared: {wait(0.02)}")


main()
