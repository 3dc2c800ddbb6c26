"""`Queue.join` between threads: wait until every item of the queue has been handled.

In Rust: phrasebook/crossbeam/examples/threads-queue-join.rs
"""

import queue
import threading


def main() -> None:
    letters: queue.Queue[str] = queue.Queue()
    delivered: list[str] = []

    def deliver() -> None:
        while True:
            name = letters.get()
            delivered.append(name)
            letters.task_done()

    for _ in range(2):
        threading.Thread(target=deliver, daemon=True).start()
    for name in ["Ada", "Bob", "Cy"]:
        letters.put(name)
    letters.join()
    print(f"all letters handled, {len(delivered)} delivered")


main()
