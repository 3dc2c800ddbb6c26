"""`wait(FIRST_EXCEPTION)` with threads: wait until a task fails, or all have finished.

In Rust: phrasebook/thread-pool/examples/threads-wait-first-exception.rs
"""

import socket
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return connection.makefile().read()


def bake(dish: str) -> str:
    if dish == "soup":
        raise ValueError("not for an oven")
    return f"a {dish}"


def main() -> None:
    with (
        ThreadPoolExecutor(max_workers=2) as pool,
        socket.create_server(("127.0.0.1", 0)) as bakery,
    ):
        names = {
            pool.submit(ask, bakery.getsockname()[1]): "the bakery's answer",
            pool.submit(bake, "cake"): "cake",
            pool.submit(bake, "soup"): "soup",
        }
        done, unfinished = wait(names, return_when=FIRST_EXCEPTION)
        for future in done:
            if error := future.exception():
                print(f"the first to fail is {names[future]}: {error}")
        for future in unfinished:
            print(f"not finished: {names[future]}")
        question, _ = bakery.accept()
        question.close()  # Ends the task. Otherwise the pool would wait for it.


main()
