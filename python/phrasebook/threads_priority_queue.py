"""Priority queue between threads: the smallest item comes out first.

In Rust: phrasebook/std/examples/threads-priority-queue.rs
"""

import queue
import threading


def main() -> None:
    calls = [(3, "cat in a tree"), (1, "fire"), (2, "flood")]
    urgent: queue.PriorityQueue[tuple[int, str]] = queue.PriorityQueue()
    for call in calls:
        urgent.put(call)

    def answer() -> None:
        for _ in calls:
            priority, what = urgent.get()
            print(f"{priority} {what}")

    thread = threading.Thread(target=answer)
    thread.start()
    thread.join()


main()
