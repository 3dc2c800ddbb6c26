"""A queue of limited length between several producers and several consumers.

In Rust: phrasebook/crossbeam/examples/threads-queue.rs
"""

import queue
import threading


def main() -> None:
    orders: queue.Queue[int | None] = queue.Queue(maxsize=2)
    orders.put(0)
    orders.put(1)
    try:
        orders.put_nowait(2)
    except queue.Full:
        print("third order: full")

    dishes: list[int] = []

    def cook() -> None:
        while (order := orders.get()) is not None:
            dishes.append(order)

    cooks = [threading.Thread(target=cook) for _ in range(2)]
    for thread in cooks:
        thread.start()
    for order in range(2, 10):
        orders.put(order)
    for _ in cooks:
        orders.put(None)  # Ends a cook's loop.
    for thread in cooks:
        thread.join()
    once = sorted(dishes) == list(range(10))
    print(f"2 cooks made {len(dishes)} dishes, each order once: {str(once).lower()}")
    try:
        orders.get_nowait()
    except queue.Empty:
        print("nothing left: empty")


main()
