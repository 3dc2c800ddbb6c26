"""`max_workers`: how many threads a pool may have; for work that waits, more than CPUs.

In Rust: phrasebook/thread-pool-rayon/examples/max-workers.rs
"""

import threading
from concurrent.futures import ThreadPoolExecutor


def wait_together(max_workers: int | None) -> int:
    # No task passes the barrier before five wait there, so this needs five threads.
    barrier = threading.Barrier(5)
    with ThreadPoolExecutor(max_workers) as pool:
        return len(list(pool.map(lambda _: barrier.wait(), range(5))))


def main() -> None:
    print(f"max_workers=5: {wait_together(5)} tasks wait at the same time")
    print(f"the default: at least {wait_together(None)} tasks wait at the same time")
    try:
        wait_together(0)
    except ValueError as error:
        print(f"max_workers=0: {error}")


main()
