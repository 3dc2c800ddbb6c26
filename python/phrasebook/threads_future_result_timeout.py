"""`Future.result(timeout)`: wait for a task of a thread pool, but only for a limited time.

In Rust: phrasebook/thread-pool/examples/threads-future-result-timeout.rs
"""

import socket
from concurrent.futures import ThreadPoolExecutor

LIMIT = 0.02


def ask(port: int, read_timeout: float | None = None) -> str:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(read_timeout)
        return connection.makefile().read()


def main() -> None:
    with (
        ThreadPoolExecutor(max_workers=1) as pool,
        socket.create_server(("127.0.0.1", 0)) as bakery,
    ):
        port = bakery.getsockname()[1]
        future = pool.submit(ask, port)
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

        # Right: the task ends by itself, though nothing answers it.
        try:
            pool.submit(ask, port, LIMIT).result()
        except TimeoutError:
            print("with a read timeout: no answer, and the task has ended")


main()
