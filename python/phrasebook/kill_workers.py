# Needs Python 3.14.
"""End what worker processes are doing, in the middle of it: one task, or all of them.

In Rust: phrasebook/process-pool/examples/kill-workers.rs
"""

import socket
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool


def bake(kitchen: int) -> str:
    with socket.create_connection(("127.0.0.1", kitchen)) as light:
        light.recv(1)
    return "baked"


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as kitchen:
        pool = ProcessPoolExecutor(max_workers=1)
        third = pool.submit(bake, kitchen.getsockname()[1])
        with kitchen.accept()[0]:
            pool.kill_workers()
            try:
                third.result()
            except BrokenProcessPool:
                print("the third: ended by force")


if __name__ == "__main__":
    main()
