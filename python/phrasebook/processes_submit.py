"""`Executor.submit`: call a function in a worker process, and fetch its result later.

In Rust: phrasebook/process-pool/examples/processes-submit.rs
"""

from concurrent.futures import ProcessPoolExecutor


def bake(dish: str) -> int:
    match dish:
        case "bread":
            return 40
        case "soup":
            raise ValueError("not for an oven")
        case _:
            raise AssertionError("not a dish")


def main() -> None:
    with ProcessPoolExecutor() as pool:
        futures = {dish: pool.submit(bake, dish) for dish in ["bread", "soup", "stone"]}
        for dish, future in futures.items():
            try:
                print(f"{dish}: {future.result()} minutes")
            except Exception as error:
                print(f"{dish}: {error}")


if __name__ == "__main__":
    main()
