# Needs Python 3.14.
"""`kill_workers`: end tasks of worker processes while they run, one of them or all.

In Rust: phrasebook/process-pool/examples/kill-workers.rs
"""

import socket
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool


def bake(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as oven:
        try:
            oven.recv(1)  # Runs until `main` sends a byte, which it does not.
        finally:
            oven.sendall(b"off")  # The clean-up: it tells `main` that it has run.
    return "baked"


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as kitchen:
        pool = ProcessPoolExecutor(max_workers=1)
        third = pool.submit(bake, kitchen.getsockname()[1])
        oven, _ = kitchen.accept()
        with oven:
            pool.kill_workers()
            try:
                third.result()
            except BrokenProcessPool:
                print("the third: killed with its pool")

            # Wrong: relies on `finally` in a task that may be killed.
            clean_up = "has run" if oven.recv(3) == b"off" else "has not run"
            print(f"trap: the clean-up of the killed task {clean_up}")


if __name__ == "__main__":
    main()
