"""Unbounded queue between threads: putting an item never waits.

In Rust: phrasebook/std/examples/threads-simple-queue.rs
"""

import queue
import threading


def main() -> None:
    letters: queue.SimpleQueue[str] = queue.SimpleQueue()
    try:
        letters.get_nowait()
    except queue.Empty:
        print("at first the queue is empty")

    def deliver() -> None:
        for name in ["Ada", "Bob"]:
            letters.put(f"a letter for {name}")

    postman = threading.Thread(target=deliver)
    postman.start()
    print(letters.get())
    print(letters.get())
    postman.join()

    try:
        letters.get(timeout=0.02)
    except queue.Empty:
        print("timeout: nothing more within 20 ms")


main()
