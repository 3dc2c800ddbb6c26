"""Take back a task that has not started; one that runs cannot be taken back.

In Rust: phrasebook/thread-pool/examples/threads-future-cancel.rs
"""

import socket
from concurrent.futures import CancelledError, ThreadPoolExecutor


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as bakery:
        return bakery.makefile().read()


def main() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as bakery,
        ThreadPoolExecutor(max_workers=1) as pool,
    ):
        port = bakery.getsockname()[1]
        first, _, _, last = [pool.submit(ask, port) for _ in range(4)]
        for number in range(3):
            question, _ = bakery.accept()
            with question:
                if number == 0:  # One worker: it is the first one's.
                    for place, future in ("first, which runs", first), ("last, which waits", last):
                        cancelled = str(future.cancel()).lower()
                        print(f"the {place}, is cancelled: {cancelled}")
                question.sendall(b"we open at six")
        print(f"the first: {first.result()}")
        try:
            last.result()
        except CancelledError:
            print("the last: cancelled")


main()
