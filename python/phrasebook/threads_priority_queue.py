"""A queue that gives the most urgent first, or the newest.

In Rust: phrasebook/std/examples/threads-priority-queue.rs
"""

import queue
import threading


def main() -> None:
    calls = [(3, "cat in a tree"), (1, "fire"), (2, "flood")]
    urgent: queue.PriorityQueue[tuple[int, str]] = queue.PriorityQueue()

    def operator() -> None:
        for call in calls:
            urgent.put(call)

    thread = threading.Thread(target=operator)
    thread.start()
    thread.join()
    for _ in calls:
        urgency, what = urgent.get()
        print(f"{urgency} {what}")

    stack: queue.LifoQueue[tuple[int, str]] = queue.LifoQueue()
    for call in calls:
        stack.put(call)
    urgency, what = stack.get()
    print(f"the newest of LifoQueue: {urgency} {what}")


main()
