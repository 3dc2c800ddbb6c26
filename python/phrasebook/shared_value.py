"""Shared counter: several processes add to one number.

In Rust: phrasebook/memmap2/examples/shared-value.rs
"""

from multiprocessing import Process, Value
from multiprocessing.sharedctypes import Synchronized


def work(letters: "Synchronized[int]") -> None:
    for _ in range(1000):
        with letters.get_lock():  # += alone is a read and a write.
            letters.value += 1


def main() -> None:
    letters = Value("q", 0)
    workers = [Process(target=work, args=(letters,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    before = letters.value
    print(f"3 processes counted {before} letters")

    # Wrong: a worker counts between the read and the write.
    count = letters.value
    worker = Process(target=work, args=(letters,))
    worker.start()
    worker.join()
    letters.value = count + 1
    more = letters.value - before
    print(f"trap: 1001 more letters, but the counter went up by {more}")


if __name__ == "__main__":
    main()
