"""`max_workers`: how many threads a pool may have; for work that waits, more than CPUs.

In Rust: phrasebook/thread-pool-rayon/examples/max-workers.rs
"""

import threading
from concurrent.futures import ThreadPoolExecutor


def serve(max_workers: int | None) -> int:
    # No customer passes the barrier before five have come.
    shop = threading.Barrier(5)
    with ThreadPoolExecutor(max_workers) as pool:
        return len(list(pool.map(lambda _: shop.wait(), range(5))))


def main() -> None:
    print(f"max_workers=5: {serve(5)} customers are in the shop at the same time")
    print(f"the default: {serve(None)} customers are in the shop at the same time")
    try:
        serve(0)
    except ValueError as error:
        print(f"max_workers=0: {error}")


main()
