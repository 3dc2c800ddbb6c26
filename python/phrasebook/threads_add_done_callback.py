"""`Future.add_done_callback`: call a function when a task of a thread pool has finished.

In Rust: phrasebook/thread-pool/examples/threads-add-done-callback.rs
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial


def bake(dish: str) -> int:
    return 40 if dish == "bread" else 55


def finished(dish: str, future: Future[int]) -> None:
    if future.cancelled():
        print(f"{dish}: cancelled")
    elif error := future.exception():
        print(f"{dish}: {error}")
    else:
        print(f"{dish}: {future.result()} minutes")


def main() -> None:
    opened = threading.Event()

    def bake_when_open(dish: str) -> int:
        opened.wait()
        return bake(dish)

    with ThreadPoolExecutor(max_workers=1) as pool:
        bread = pool.submit(bake_when_open, "bread")
        cake = pool.submit(bake, "cake")
        pie = pool.submit(bake, "pie")
        bread.add_done_callback(partial(finished, "bread"))
        cake.add_done_callback(partial(finished, "cake"))
        pie.add_done_callback(partial(finished, "pie"))
        pie.cancel()
        opened.set()
    print("the oven is off")


main()
