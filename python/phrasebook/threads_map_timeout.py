"""`Executor.map(timeout)`: one time limit for all results of a map on a thread pool.

In Rust: phrasebook/thread-pool/examples/threads-map-timeout.rs
"""

import socket
from concurrent.futures import ThreadPoolExecutor


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as bakery:
        return bakery.makefile().read()


def main() -> None:
    with (
        ThreadPoolExecutor(max_workers=1) as pool,
        socket.create_server(("127.0.0.1", 0)) as bakery,
    ):
        port = bakery.getsockname()[1]
        results = pool.map(ask, [port] * 3, timeout=0.02)
        for answer in [b"we open at six", b"we close at two"]:
            question, _ = bakery.accept()
            with question:
                question.sendall(answer)
        third, _ = bakery.accept()  # It is not answered.
        with third:
            try:
                for answer in results:
                    print(answer)
            except TimeoutError:
                print("the time is over")


main()
