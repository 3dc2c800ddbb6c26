"""`wait(FIRST_COMPLETED)` with threads: take the first result, keep the other tasks.

In Rust: phrasebook/thread-pool/examples/threads-wait-first-completed.rs
"""

import socket
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as mirror:
        return mirror.makefile().read()


def answer(mirror: socket.socket, words: bytes) -> None:
    question, _ = mirror.accept()
    with question:
        question.sendall(words)


def main() -> None:
    with (
        ThreadPoolExecutor(max_workers=2) as pool,
        socket.create_server(("127.0.0.1", 0)) as slow,
        socket.create_server(("127.0.0.1", 0)) as quick,
    ):
        futures = [pool.submit(ask, mirror.getsockname()[1]) for mirror in (slow, quick)]
        answer(quick, b"9 loaves")
        done, unfinished = wait(futures, return_when=FIRST_COMPLETED)
        for future in done:
            print(f"mirror {futures.index(future)} was first: {future.result()}")
        for future in unfinished:
            mirror = futures.index(future)
            print(f"mirror {mirror} is not finished")
            answer(slow, b"8 loaves")
            print(f"mirror {mirror} at last: {future.result()}")


main()
