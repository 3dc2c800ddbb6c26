"""`Executor.map`: call one function for many items in worker processes, results in order.

In Rust: phrasebook/process-pool/examples/processes-map.rs
"""

from concurrent.futures import ProcessPoolExecutor


def bake(dish: str) -> int:
    match dish:
        case "bread":
            return 40
        case "cake":
            return 55
        case _:
            raise ValueError("not for an oven")


def deliver(dish: str) -> None:
    print(f"{dish} is delivered", flush=True)


def main() -> None:
    dishes = ["bread", "soup", "cake"]
    with ProcessPoolExecutor() as pool:
        results = pool.map(bake, dishes)
        for dish in dishes:
            try:
                print(f"{dish}: {next(results)} minutes", flush=True)
            except ValueError as error:
                print(f"{dish}: {error}", flush=True)
            except StopIteration:
                break  # The first exception has ended the iteration.

    with ProcessPoolExecutor(max_workers=1) as pool:
        pool.map(deliver, ["bread", "cake"])  # Runs for all items, results or not.


if __name__ == "__main__":
    main()
