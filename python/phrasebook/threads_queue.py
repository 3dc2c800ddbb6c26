"""Bounded queue between threads: a producer waits while it is full.

In Rust: phrasebook/crossbeam/examples/threads-queue.rs
"""

import queue
import threading


def main() -> None:
    orders: queue.Queue[int | None] = queue.Queue(maxsize=2)
    try:
        orders.get_nowait()
    except queue.Empty:
        print("at first the queue is empty")
    orders.put(0)
    orders.put(1)
    try:
        orders.put_nowait(2)
    except queue.Full:
        print("no room for order 2: the queue is full")

    handled: list[int] = []

    def work() -> None:
        while (order := orders.get()) is not None:
            handled.append(order)

    def produce(numbers: range) -> None:
        for order in numbers:
            orders.put(order)  # Waits while the queue is full.

    workers = [threading.Thread(target=work) for _ in range(2)]
    producers = [
        threading.Thread(target=produce, args=(numbers,))
        for numbers in [range(2, 6), range(6, 10)]
    ]
    for thread in workers + producers:
        thread.start()
    for thread in producers:
        thread.join()
    for _ in workers:
        orders.put(None)  # Ends one worker's loop.
    for thread in workers:
        thread.join()
    assert sorted(handled) == list(range(10))
    print("2 workers handled 10 orders, each order once")


main()
