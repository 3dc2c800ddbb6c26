"""Wait inside of a task for other tasks, which need a thread too.

In Rust: phrasebook/thread-pool-rayon/examples/nested-submit.rs
"""

from concurrent.futures import ThreadPoolExecutor


def bake(dish: str) -> int:
    return 40 if dish == "bread" else 55


def menu(oven: ThreadPoolExecutor) -> int:
    return sum(oven.map(bake, ["bread", "cake"]))


def main() -> None:
    # Two pools: in a single one the menu would keep the thread that its dishes need.
    with ThreadPoolExecutor(1) as oven, ThreadPoolExecutor(1) as kitchen:
        print(f"the menu takes {kitchen.submit(menu, oven).result()} minutes")


main()
