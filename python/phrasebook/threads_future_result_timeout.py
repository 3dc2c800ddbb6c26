"""Wait for a result for a while only, and ask for it again later.

In Rust: phrasebook/thread-pool/examples/threads-future-result-timeout.rs
"""

import socket
from concurrent.futures import ThreadPoolExecutor


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as bakery:
        return bakery.makefile().read()


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as bakery, ThreadPoolExecutor() as pool:
        future = pool.submit(ask, bakery.getsockname()[1])
        question, _ = bakery.accept()
        with question:
            try:
                future.result(timeout=0.02)
            except TimeoutError:
                print("no answer within 20 ms")
            print(f"finished: {str(future.done()).lower()}")
            question.sendall(b"we open at six")
        print(f"asked again: {future.result()}")


main()
