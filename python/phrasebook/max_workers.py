"""Choose how many threads a pool may have: for work that waits, more than there are CPUs.

In Rust: phrasebook/thread-pool-rayon/examples/max-workers.rs
"""

import threading
from concurrent.futures import ThreadPoolExecutor


def main() -> None:
    # Nobody gets past the barrier before all five are there.
    shop = threading.Barrier(5)
    with ThreadPoolExecutor() as pool:
        served = list(pool.map(lambda _: shop.wait(), range(5)))
    print(f"{len(served)} customers were in the shop together")


main()
