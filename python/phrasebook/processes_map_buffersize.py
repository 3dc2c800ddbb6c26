# Needs Python 3.14.
"""Feed a map from an endless source, and draw at most `n` items ahead of the results.

In Rust: phrasebook/process-pool/examples/processes-map-buffersize.rs
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count, islice

drawn = 0


def loaves(order: int) -> int:
    return order * 10


def orders() -> Iterator[int]:
    global drawn
    for drawn in count(1):
        yield drawn


def main() -> None:
    with ProcessPoolExecutor() as pool:
        results = pool.map(loaves, orders(), buffersize=2)
        for order, result in enumerate(islice(results, 3), start=1):
            # It draws the next item first, and then waits for the result.
            print(f"order {order}: {result} loaves, {drawn} drawn")


if __name__ == "__main__":
    main()
