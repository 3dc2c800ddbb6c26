"""`shutdown(cancel_futures=True)` with threads: finish what runs, cancel the rest.

In Rust: phrasebook/thread-pool/examples/threads-shutdown-cancel-futures.rs
"""

import socket
from concurrent.futures import CancelledError, ThreadPoolExecutor


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as bakery:
        return bakery.makefile().read()


def bake(loaves: int) -> int:
    return loaves


def main() -> None:
    pool = ThreadPoolExecutor(max_workers=1)
    with socket.create_server(("127.0.0.1", 0)) as bakery:
        first = pool.submit(ask, bakery.getsockname()[1])
        question, _ = bakery.accept()
        with question:
            *_, last = [pool.submit(bake, loaves) for loaves in range(1, 5)]
            pool.shutdown(wait=False, cancel_futures=True)
            try:
                last.result()
            except CancelledError:
                print("the last: cancelled")
            question.sendall(b"we open at six")
        print(f"the first: {first.result()}")
        try:
            pool.submit(bake, 1)
        except RuntimeError:
            print("one more: refused")


main()
