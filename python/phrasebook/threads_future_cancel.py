"""`Future.cancel`: cancel a task of a thread pool that has not started.

In Rust: phrasebook/thread-pool/examples/threads-future-cancel.rs
"""

import socket
from concurrent.futures import CancelledError, ThreadPoolExecutor


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return connection.makefile().read()


def bake(dish: str) -> None:
    print(f"trap: the handle of {dish} is dropped, but its task runs")


def main() -> None:
    with (
        ThreadPoolExecutor(max_workers=1) as pool,
        socket.create_server(("127.0.0.1", 0)) as bakery,
    ):
        port = bakery.getsockname()[1]
        first = pool.submit(ask, port)
        for dish in ["bread", "cake"]:
            # Wrong, if it should cancel the task: the future is dropped, the task stays.
            pool.submit(bake, dish)
        last = pool.submit(ask, port)

        # The only thread runs the first task, which waits for an answer.
        question, _ = bakery.accept()
        with question:
            if not first.cancel():
                print("the first task runs: too late to cancel it")
            if last.cancel():
                print("the last task is queued: cancelled")
            question.sendall(b"we open at six")

    print(f"result of the first task: {first.result()}")
    try:
        last.result()
    except CancelledError:
        print("result of the last task: cancelled")


main()
