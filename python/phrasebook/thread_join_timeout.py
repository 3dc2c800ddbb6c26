"""Join with a timeout: wait a limited time for a thread, and ask whether it still runs.

In Rust: phrasebook/std/examples/thread-join-timeout.rs
"""

import threading


def main() -> None:
    stop = threading.Event()
    dishes: list[str] = []

    def cook() -> None:
        stop.wait()
        dishes.append("soup")

    thread = threading.Thread(target=cook)
    thread.start()
    thread.join(timeout=0.02)  # Returns None in any case: is_alive() tells.
    assert thread.is_alive()
    print("after 20 ms: the thread still runs")

    stop.set()
    thread.join(timeout=10)
    if thread.is_alive():
        print("after 10 s: the thread still runs")
    else:
        print(f"after the stop: the thread has ended with {dishes[0]}")


main()
