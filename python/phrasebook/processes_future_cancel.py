"""`Future.cancel`: cancel a task of a process pool that has not started.

In Rust: phrasebook/process-pool/examples/processes-future-cancel.rs
"""

import socket
from concurrent.futures import CancelledError, ProcessPoolExecutor


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return connection.makefile().read()


def bake(dish: str) -> None:
    print(f"trap: the handle of {dish} is dropped, but its task runs", flush=True)


def main() -> None:
    with (
        ProcessPoolExecutor(max_workers=1) as pool,
        socket.create_server(("127.0.0.1", 0)) as bakery,
    ):
        port = bakery.getsockname()[1]
        first = pool.submit(ask, port)
        for dish in ["bread", "cake"]:
            # Wrong, if it should cancel the task: the future is dropped, the task stays.
            pool.submit(bake, dish)
        last = pool.submit(ask, port)

        # The only worker runs the first task, which waits for an answer.
        question, _ = bakery.accept()
        with question:
            # `flush`, because the worker prints to the same file.
            if not first.cancel():
                print("the first task runs: too late to cancel it", flush=True)
            if last.cancel():
                print("the last task is queued: cancelled", flush=True)
            question.sendall(b"we open at six")

    print(f"result of the first task: {first.result()}")
    try:
        last.result()
    except CancelledError:
        print("result of the last task: cancelled")


if __name__ == "__main__":
    main()
