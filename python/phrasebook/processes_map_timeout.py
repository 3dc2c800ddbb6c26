"""`Executor.map(timeout)`: one time limit for all results of a map on a process pool.

In Rust: phrasebook/process-pool/examples/processes-map-timeout.rs
"""

import socket
from concurrent.futures import ProcessPoolExecutor


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return connection.makefile().read()


def main() -> None:
    with (
        ProcessPoolExecutor(max_workers=1) as pool,
        socket.create_server(("127.0.0.1", 0)) as bakery,
    ):
        port = bakery.getsockname()[1]
        pool.submit(int).result()  # The worker has started, so the limit is for the answers only.
        results = pool.map(ask, [port] * 3, timeout=0.8)
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


if __name__ == "__main__":
    main()
