"""Condition variable between threads: wait until another thread has changed a value.

In Rust: phrasebook/std/examples/threads-condition.rs
"""

import threading


def main() -> None:
    dishes = 0
    changed = threading.Condition()

    def serve() -> None:
        with changed:
            changed.wait_for(lambda: dishes >= 3)
            print(f"served {dishes} dishes")

    waiter = threading.Thread(target=serve)
    waiter.start()
    for _ in range(3):
        with changed:
            dishes += 1
            changed.notify_all()
    waiter.join()


main()
