"""`imap_unordered`: call one function for many items, and take results as they finish.

In Rust: phrasebook/process-pool/examples/imap-unordered.rs
"""

import multiprocessing
import socket
from functools import partial


def bake(port: int, dish: str) -> tuple[str, int]:
    if dish != "bread":
        return dish, 55
    # The bread waits until `main` closes the connection, so the cake is ready first.
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.recv(1)
    return dish, 40


def main() -> None:
    with (
        multiprocessing.Pool(2) as pool,
        socket.create_server(("127.0.0.1", 0)) as oven,
    ):
        port = oven.getsockname()[1]
        for dish, minutes in pool.imap_unordered(partial(bake, port), ["bread", "cake"]):
            print(f"{dish}: {minutes} minutes")
            if dish == "cake":
                oven.accept()[0].close()  # Only now the bread may go on.


if __name__ == "__main__":
    main()
