"""`Executor.map`: call one function for many items on several threads, results in order.

In Rust: phrasebook/thread-pool/examples/threads-map.rs
"""

from concurrent.futures import ThreadPoolExecutor


def bake(dish: str) -> int:
    match dish:
        case "bread":
            return 40
        case "cake":
            return 55
        case _:
            raise ValueError("not for an oven")


def deliver(dish: str) -> None:
    print(f"{dish} is delivered")


def main() -> None:
    dishes = ["bread", "soup", "cake"]
    with ThreadPoolExecutor() as pool:
        results = pool.map(bake, dishes)
        for dish in dishes:
            try:
                print(f"{dish}: {next(results)} minutes")
            except ValueError as error:
                print(f"{dish}: {error}")
            except StopIteration:
                break  # The first exception has ended the iteration.

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.map(deliver, ["bread", "cake"])  # Runs for all items, results or not.


main()
