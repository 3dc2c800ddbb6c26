"""`BrokenProcessPool`: a worker process dies while it runs a task.

In Rust: phrasebook/process-pool/examples/broken-process-pool.rs
"""

import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool


def bake(dish: str) -> str:
    if dish == "stone":
        os._exit(3)
    return "baked"


def main() -> None:
    with ProcessPoolExecutor(max_workers=1) as pool:
        for dish in ["bread", "stone", "cake"]:
            try:
                print(f"{dish}: {pool.submit(bake, dish).result()}")
            except BrokenProcessPool:
                print(f"{dish}: the pool is broken")


if __name__ == "__main__":
    main()
