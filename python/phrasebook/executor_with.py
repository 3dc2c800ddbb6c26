"""Leave a block only when everything that was submitted in it has finished.

In Rust: phrasebook/thread-pool-rayon/examples/executor-with.rs
"""

from concurrent.futures import ThreadPoolExecutor

baked: list[str] = []


def main() -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        for _ in range(3):
            pool.submit(baked.append, "a loaf")  # Nobody asks for the result.
    print(f"after the block {len(baked)} loaves are baked")


main()
