"""`Executor.map` that fails: get the first error in the order of the items, not in time.

In Rust: phrasebook/rayon/examples/threads-map-first-error.rs
"""

import threading
from concurrent.futures import ThreadPoolExecutor

stone_failed = threading.Event()


# Fails for two dishes: "soup" stands first in the list, "stone" fails first in time.
def bake(dish: str) -> int:
    match dish:
        case "soup":
            stone_failed.wait()
        case "stone":
            stone_failed.set()
        case _:
            return 40
    raise ValueError(f"no oven for {dish}")


def main() -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            list(pool.map(bake, ["bread", "soup", "stone"]))
        except ValueError as error:
            print(f"the first error: {error}")


main()
