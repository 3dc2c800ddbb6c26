"""Known-wrong: threads whose failure nobody asks for, beside those that are asked.

In Rust: phrasebook/std/examples/panic-nobody-sees.rs
"""

from concurrent.futures import ThreadPoolExecutor


def send(name: str) -> str:
    if name == "Bob":
        raise ValueError("no stamp")
    return name


def main() -> None:
    names = ["Ada", "Bob", "Cy"]
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(send, name) for name in names]
    for name, future in zip(names, futures):
        # A future whose result nobody asks for swallows the exception altogether.
        if error := future.exception():
            print(f"{name}: {error}")
        else:
            print(f"{name}: sent")


main()
