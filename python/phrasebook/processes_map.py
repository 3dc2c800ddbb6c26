"""Call one function for many items in worker processes, and get the results in order.

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


def main() -> None:
    dishes = ["bread", "soup", "cake"]
    with ProcessPoolExecutor() as pool:
        results = pool.map(bake, dishes)
        for dish in dishes:
            try:
                print(f"{dish}: {next(results)} minutes")
            except ValueError as error:
                print(f"{dish}: {error}")
            except StopIteration:
                break  # The first exception has ended the iteration.


if __name__ == "__main__":
    main()
