"""Main guard: keep worker processes, which are this program again, out of `main`.

In Rust: phrasebook/process-pool/examples/main-guard.rs
"""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


# Wrong: it stands before the guard.
print("trap: this line runs in main and in the worker", flush=True)


def square(n: int) -> tuple[int, int]:
    return n * n, os.getpid()


def main() -> None:
    # A forked worker would not need the guard; a spawned one imports this file again.
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        squared, worker = pool.submit(square, 7).result()
    place = "in this process" if worker == os.getpid() else "in another process"
    print(f"7 squared is {squared}, computed {place}")


if __name__ == "__main__":
    main()
