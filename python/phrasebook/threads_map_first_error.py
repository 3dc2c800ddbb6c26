"""Learn of the first failure among many results: the first of the list, not of the clock.

In Rust: phrasebook/rayon/examples/threads-map-first-error.rs
"""

import threading
from concurrent.futures import ThreadPoolExecutor

stone_failed = threading.Event()


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
            print(f"the first failure: {error}")


main()
