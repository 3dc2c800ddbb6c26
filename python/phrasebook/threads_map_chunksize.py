"""`Executor.map(chunksize)`: process many small items in chunks on several threads.

In Rust: phrasebook/rayon/examples/threads-map-chunksize.rs
"""

from concurrent.futures import ThreadPoolExecutor


def boil(eggs: list[int]) -> int:
    """Boils a pot of eggs, and returns how many they are."""
    return len(eggs)


def main() -> None:
    eggs = list(range(1000))
    # Threads ignore the `chunksize` of `map`, so the list is cut here.
    pots = [eggs[start : start + 300] for start in range(0, len(eggs), 300)]
    with ThreadPoolExecutor() as pool:
        for pot, count in enumerate(pool.map(boil, pots), start=1):
            print(f"pot {pot}: {count} eggs")


main()
