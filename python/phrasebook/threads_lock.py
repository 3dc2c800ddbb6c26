"""Lock between threads: they change one value, one thread at a time.

In Rust: phrasebook/std/examples/threads-lock.rs
"""

import threading


def main() -> None:
    letters = 0
    lock = threading.Lock()

    def count() -> None:
        nonlocal letters
        for _ in range(1000):
            with lock:
                letters += 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"4 threads counted {letters} letters")

    with lock:
        assert not lock.acquire(blocking=False)
        print("the lock is held: a second try is refused")


main()
