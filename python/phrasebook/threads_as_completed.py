"""Take results as they come, those first that are finished first.

In Rust: phrasebook/thread-pool/examples/threads-as-completed.rs
"""

import socket
from concurrent.futures import ThreadPoolExecutor, as_completed


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as bakery:
        return bakery.makefile().read()


def look_up(dish: str) -> str:
    return f"{dish} takes 40 minutes"


def main() -> None:
    with (
        ThreadPoolExecutor(max_workers=2) as pool,
        socket.create_server(("127.0.0.1", 0)) as bakery,
    ):
        port = bakery.getsockname()[1]
        futures = {
            pool.submit(ask, port): "bakery",
            pool.submit(look_up, "bread"): "cookbook",
        }
        for future in as_completed(futures):
            print(f"{futures[future]}: {future.result()}")
            if futures[future] == "cookbook":
                question, _ = bakery.accept()
                with question:
                    question.sendall(b"we open at six")

        try:
            for _ in as_completed([pool.submit(ask, port) for _ in range(2)], timeout=0.02):
                pass
        except TimeoutError as error:
            print(error)
        for _ in range(2):
            bakery.accept()[0].close()


main()
