"""Several processes count in one shared number.

In Rust: phrasebook/memmap2/examples/shared-value.rs
"""

from multiprocessing import Process, Value
from multiprocessing.sharedctypes import Synchronized


def sort(letters: "Synchronized[int]") -> None:
    for _ in range(1000):
        with letters.get_lock():  # += alone is a load and a store.
            letters.value += 1


def main() -> None:
    letters = Value("q", 0)
    sorters = [Process(target=sort, args=(letters,)) for _ in range(3)]
    for sorter in sorters:
        sorter.start()
    for sorter in sorters:
        sorter.join()
    print(f"3 processes counted {letters.value} letters")


if __name__ == "__main__":
    main()
