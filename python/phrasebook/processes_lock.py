"""Lock between processes: one process at a time changes a file.

In Rust: phrasebook/std/examples/processes-lock.rs
"""

import tempfile
from multiprocessing import Lock, Process
from multiprocessing.synchronize import Lock as LockType
from pathlib import Path


def take_orders(path: Path, lock: LockType) -> None:
    for _ in range(25):
        with lock:
            path.write_text(str(int(path.read_text()) + 1))


def try_lock(lock: LockType) -> None:
    found = "free" if lock.acquire(block=False) else "taken"
    print(f"while main has the lock, another process finds: {found}")


def main() -> None:
    lock = Lock()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "orders")
        path.write_text("0")
        workers = [Process(target=take_orders, args=(path, lock)) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        print(f"4 processes wrote {path.read_text()} orders")

    with lock:
        other = Process(target=try_lock, args=(lock,))
        other.start()
        other.join()


if __name__ == "__main__":
    main()
