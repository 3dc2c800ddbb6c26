"""Queue timeout between threads: `put` and `get` with a limit, and how full a queue is.

In Rust: phrasebook/crossbeam/examples/threads-queue-timeout.rs
"""

import queue


def main() -> None:
    orders: queue.Queue[str] = queue.Queue(maxsize=2)
    orders.put("soup")
    orders.put("stew")
    if orders.full():
        print(f"{orders.qsize()} orders are waiting: the queue is full")
    try:
        orders.put("pie", timeout=0.02)
        print("put: pie")
    except queue.Full:
        print("put: no room for pie within 20 ms")

    for _ in range(2):
        print(f"get: {orders.get()}")
    if orders.empty():
        print(f"{orders.qsize()} orders are waiting: the queue is empty")
    try:
        print(f"get: {orders.get(timeout=0.02)}")
    except queue.Empty:
        print("get: nothing within 20 ms")


main()
