"""Start everything first and wait for it afterwards, where an iterator would do neither.

In Rust: phrasebook/std/examples/lazy-map.rs
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor


def bake(dish: str) -> int:
    return 40 if dish == "bread" else 55


def told(dishes: Iterable[str]) -> Iterator[str]:
    for dish in dishes:
        print(f"{dish}: in the oven")
        yield dish


def main() -> None:
    dishes = ["bread", "cake"]
    with ThreadPoolExecutor() as pool:
        results = pool.map(bake, told(dishes))
        for dish, minutes in zip(dishes, results):
            print(f"{dish}: {minutes} minutes")


main()
