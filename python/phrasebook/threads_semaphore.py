"""Let at most so many threads do something at once.

In Rust: phrasebook/tokio/examples/threads-semaphore.rs
"""

import threading


def main() -> None:
    tables = threading.BoundedSemaphore(2)
    seated = peak = 0
    lock = threading.Lock()
    pair = threading.Barrier(2)  # Guests eat in twos, so that two are seated for certain.

    def eat() -> None:
        nonlocal seated, peak
        with tables:
            with lock:
                seated += 1
                peak = max(peak, seated)
            pair.wait()
            with lock:
                seated -= 1

    guests = [threading.Thread(target=eat) for _ in range(8)]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join()
    print(f"8 guests at 2 tables: at most {peak} at once")


main()
