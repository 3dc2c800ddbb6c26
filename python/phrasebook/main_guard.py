"""Keep worker processes, which are this program started anew, out of `main`.

In Rust: phrasebook/process-pool/examples/main-guard.rs
"""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def square(n: int) -> tuple[int, int]:
    return n * n, os.getpid()


def main() -> None:
    # A forked worker would not need the guard; a spawned one imports this file again.
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        squared, worker = pool.submit(square, 7).result()
    print(f"7 squared is {squared}")
    print(f"computed in another process: {str(worker != os.getpid()).lower()}")


if __name__ == "__main__":
    main()
