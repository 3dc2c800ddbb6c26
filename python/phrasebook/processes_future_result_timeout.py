"""`Future.result(timeout)`: wait for a task of a process pool, but only for a limited time.

In Rust: phrasebook/process-pool/examples/processes-future-result-timeout.rs
"""

import socket
from concurrent.futures import ProcessPoolExecutor

LIMIT = 0.02


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return connection.makefile().read()


def main() -> None:
    with (
        ProcessPoolExecutor(max_workers=1) as pool,
        socket.create_server(("127.0.0.1", 0)) as bakery,
    ):
        future = pool.submit(ask, bakery.getsockname()[1])
        question, _ = bakery.accept()
        with question:
            try:
                future.result(timeout=LIMIT)
            except TimeoutError:
                print("no answer within 20 ms")
            if not future.done():
                print("the task has not finished")
            # Wrong, if it should end the task: the task has started already.
            if not future.cancel():
                print("trap: cancel() fails, the task still runs")
            question.sendall(b"we open at six")
        print(f"after a second wait: {future.result()}")


if __name__ == "__main__":
    main()
