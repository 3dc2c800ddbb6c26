"""`Future.add_done_callback`: call a function when a task of a process pool has finished.

In Rust: phrasebook/process-pool/examples/processes-add-done-callback.rs
"""

import threading
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial


def bake(dish: str) -> int:
    return 40 if dish == "bread" else 55


def finished(dish: str, future: Future[int]) -> None:
    if error := future.exception():
        print(f"{dish}: {error}")
    else:
        print(f"{dish}: {future.result()} minutes")


def main() -> None:
    with ProcessPoolExecutor() as pool:
        bread = pool.submit(bake, "bread")
        bread.add_done_callback(partial(finished, "bread"))
    print("the oven is off")

    list_lock = threading.Lock()

    def late(_: Future[int]) -> None:
        if not list_lock.acquire(blocking=False):
            print("trap: a late callback cannot lock the list: this thread has locked it")

    # Wrong: `add_done_callback` calls `late` itself, while this thread holds the lock.
    # With a blocking `acquire` it would wait for ever.
    with list_lock:
        bread.add_done_callback(late)


if __name__ == "__main__":
    main()
