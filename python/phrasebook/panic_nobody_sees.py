"""Common mistake: a thread panics, and the program goes on as if nothing had happened.

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
        # If the future is never asked, its exception is lost without a message.
        if error := future.exception():
            print(f"{name}: {error}")
        else:
            print(f"{name}: sent")


main()
