"""A queue that gives the most urgent first, or the newest.

In Rust: examples-threads/examples/threads-priority-queue.rs
"""

import queue
import threading


def main() -> None:
    calls = [(3, "cat in a tree"), (1, "fire"), (2, "flood")]
    calls_by_urgency: queue.PriorityQueue[tuple[int, str]] = queue.PriorityQueue()

    def operator() -> None:
        for call in calls:
            calls_by_urgency.put(call)

    thread = threading.Thread(target=operator)
    thread.start()
    thread.join()
    for _ in calls:
        urgency, what = calls_by_urgency.get()
        print(f"{urgency} {what}")


main()
