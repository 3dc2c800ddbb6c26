"""`Executor.map` starts its work immediately; `map` of a Rust iterator starts nothing.

In Rust: phrasebook/std/examples/lazy-map.rs
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor


def bake(dish: str) -> int:
    return 40 if dish == "bread" else 55


def main() -> None:
    dishes = ["bread", "cake"]
    started = 0

    def counted(dishes: Iterable[str]) -> Iterator[str]:
        nonlocal started
        for dish in dishes:
            started += 1
            yield dish

    with ThreadPoolExecutor() as pool:
        # `map` has started a task for every dish when it returns.
        results = pool.map(bake, counted(dishes))
        print(f"{started} tasks have started before main does anything else")
        for dish, minutes in zip(dishes, results):
            print(f"{dish}: {minutes} minutes")


main()
