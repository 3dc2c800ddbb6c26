"""Semaphore between threads: at most n of them do something at the same time.

In Rust: phrasebook/tokio/examples/threads-semaphore.rs
"""

import threading


def main() -> None:
    semaphore = threading.BoundedSemaphore(2)
    now = most = 0
    lock = threading.Lock()
    pair = threading.Barrier(2)  # Two threads at the same time for certain.

    def work() -> None:
        nonlocal now, most
        with semaphore:
            with lock:
                now += 1
                most = max(most, now)
            pair.wait()
            with lock:
                now -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"8 threads, 2 permits: at most {most} at the same time")


main()
