"""Call one function for many items, and take the results in whatever order they come.

In Rust: phrasebook/process-pool/examples/imap-unordered.rs
"""

import multiprocessing
import socket
from functools import partial


def bake(oven: int, dish: str) -> tuple[str, int]:
    if dish != "bread":
        return dish, 55
    # The bread has to wait until the oven's door opens.
    with socket.create_connection(("127.0.0.1", oven)) as door:
        door.recv(1)
    return dish, 40


def main() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as oven,
        multiprocessing.Pool(2) as pool,
    ):
        port = oven.getsockname()[1]
        for dish, minutes in pool.imap_unordered(partial(bake, port), ["bread", "cake"]):
            print(f"{dish}: {minutes} minutes")
            if dish == "cake":
                oven.accept()[0].close()  # Only now the bread may go on.


if __name__ == "__main__":
    main()
