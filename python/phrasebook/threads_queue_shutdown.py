# Needs Python 3.13.
"""Queue shutdown between threads: consumers handle what is left, then end.

In Rust: phrasebook/std/examples/threads-queue-shutdown.rs
"""

import threading
from queue import Queue, ShutDown


def main() -> None:
    letters: Queue[str] = Queue()
    delivered: list[str] = []

    def deliver() -> None:
        try:
            while True:
                delivered.append(letters.get())
        except ShutDown:
            pass

    postman = threading.Thread(target=deliver)
    postman.start()
    letters.put("Ada")
    letters.put("Bob")
    letters.shutdown()
    postman.join()
    print(f"delivered: {', '.join(delivered)}")

    letters = Queue()
    letters.put("Cy")  # Thrown away by the shutdown.
    letters.shutdown(immediate=True)
    name = "Dan"
    try:
        letters.put(name)
    except ShutDown:
        print(f"after an immediate shutdown: {name} is refused")


main()
