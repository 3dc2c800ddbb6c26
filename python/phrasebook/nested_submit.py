"""Nested `submit`: a task waits for other tasks, which need a thread of the same pool.

In Rust: phrasebook/thread-pool-rayon/examples/nested-submit.rs
"""

from concurrent.futures import ThreadPoolExecutor


def bake(dish: str) -> int:
    return 40 if dish == "bread" else 55


def menu(oven: ThreadPoolExecutor) -> int:
    return sum(oven.map(bake, ["bread", "cake"]))


def wait_for_bread(oven: ThreadPoolExecutor) -> None:
    try:
        oven.submit(bake, "bread").result(timeout=0.05)
    except TimeoutError:
        print("trap: the only thread waits for a task that needs this thread")


def main() -> None:
    # Two pools: in a single one the menu would keep the thread that its dishes need.
    with ThreadPoolExecutor(1) as oven, ThreadPoolExecutor(1) as kitchen:
        print(f"the menu takes {kitchen.submit(menu, oven).result()} minutes")

    # Wrong: a task waits for a task of its own pool. (Without the limit, for ever.)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(wait_for_bread, pool).result()


main()
