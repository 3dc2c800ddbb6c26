"""`Executor.submit`: call a function on a thread of a pool, and fetch its result later.

In Rust: phrasebook/thread-pool/examples/threads-submit.rs
"""

from concurrent.futures import ThreadPoolExecutor


def bake(dish: str) -> int:
    match dish:
        case "bread":
            return 40
        case "soup":
            raise ValueError("not for an oven")
        case _:
            raise AssertionError("not a dish")


def main() -> None:
    with ThreadPoolExecutor() as pool:
        futures = {dish: pool.submit(bake, dish) for dish in ["bread", "soup", "stone"]}
        for dish, future in futures.items():
            try:
                print(f"{dish}: {future.result()} minutes")
            except Exception as error:
                print(f"{dish}: {error}")


main()
