"""`with ThreadPoolExecutor()`: leave the block only when all its tasks have finished.

In Rust: phrasebook/thread-pool-rayon/examples/executor-with.rs
"""

from concurrent.futures import ThreadPoolExecutor


def bake(loaves: int) -> int:
    return loaves


def main() -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        futures = [pool.submit(bake, loaves) for loaves in range(1, 4)]
    finished = sum(future.done() for future in futures)
    print(f"after the block: {finished} of 3 tasks have finished")
    for future in futures:
        future.result()  # A task that raised would show here.


main()
