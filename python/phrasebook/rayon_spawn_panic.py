"""Background job with `rayon::spawn`: start it, and get its result or its panic later.

In Rust: phrasebook/rayon/examples/rayon-spawn-panic.rs
"""

from concurrent.futures import ThreadPoolExecutor


def bake(dish: str) -> str:
    if dish == "cake":
        raise RuntimeError("burnt")
    return "baked"


def main() -> None:
    with ThreadPoolExecutor() as pool:
        futures = {dish: pool.submit(bake, dish) for dish in ["bread", "cake"]}
        for dish, future in futures.items():
            try:
                print(f"{dish}: {future.result()}")
            except RuntimeError as error:
                print(f"{dish}: {error}")


main()
