"""`as_completed` with processes: take each result as soon as its task has finished.

In Rust: phrasebook/process-pool/examples/processes-as-completed.rs
"""

import socket
from concurrent.futures import ProcessPoolExecutor, as_completed


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return connection.makefile().read()


def look_up(dish: str) -> str:
    return f"{dish} takes 40 minutes"


def main() -> None:
    with (
        ProcessPoolExecutor(max_workers=2) as pool,
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

        futures = [pool.submit(ask, port) for _ in range(2)]
        try:
            for future in as_completed(futures, timeout=0.02):
                print(future.result())
        except TimeoutError as error:
            print(error)
        for _ in range(2):
            bakery.accept()[0].close()  # Ends a task. Otherwise the pool would wait for it.


if __name__ == "__main__":
    main()
