"""Have something called when a task has finished, whether or not anything waits for it.

In Rust: phrasebook/process-pool/examples/processes-add-done-callback.rs
"""

from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial


def bake(dish: str) -> int:
    return 40 if dish == "bread" else 55


def finished(dish: str, future: Future[int]) -> None:
    print(f"{dish}: {future.result()} minutes")


def main() -> None:
    with ProcessPoolExecutor(max_workers=1) as pool:
        for dish in ["bread", "cake"]:
            pool.submit(bake, dish).add_done_callback(partial(finished, dish))
    print("the oven is off")


if __name__ == "__main__":
    main()
