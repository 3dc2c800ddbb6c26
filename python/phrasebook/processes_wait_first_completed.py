"""`wait(FIRST_COMPLETED)` with processes: take the first result, keep the other tasks.

In Rust: phrasebook/process-pool/examples/processes-wait-first-completed.rs
"""

import socket
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as mirror:
        return mirror.makefile().read()


def answer(mirror: socket.socket, words: bytes) -> None:
    question, _ = mirror.accept()
    with question:
        question.sendall(words)


def main() -> None:
    with (
        ProcessPoolExecutor(max_workers=2) as pool,
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


if __name__ == "__main__":
    main()
