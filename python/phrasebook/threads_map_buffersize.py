# Needs Python 3.14.
"""`Executor.map(buffersize)`: on a thread pool, take at most n items ahead of the results.

In Rust: phrasebook/thread-pool/examples/threads-map-buffersize.rs
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice


def loaves(order: int) -> int:
    return order * 10


def main() -> None:
    taken = 0

    def inspected(orders: Iterable[int]) -> Iterator[int]:
        nonlocal taken
        for order in orders:
            taken = order
            yield order

    with ThreadPoolExecutor() as pool:
        results = pool.map(loaves, inspected(count(1)), buffersize=2)
        for order, result in enumerate(islice(results, 3), start=1):
            # It takes the next item first, and then waits for the result.
            print(f"order {order}: {result} loaves, {taken} taken")

        # Wrong for a long or endless source: `map` takes all items before it returns.
        pool.map(loaves, inspected(range(1, 1001)))
        print(f"trap: without a limit {taken} items were taken before the first result")


main()
