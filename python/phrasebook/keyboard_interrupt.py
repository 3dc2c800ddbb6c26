"""Ctrl-C (SIGINT) and SIGTERM in a program with threads: stop them, join them, clean up.

In Rust: phrasebook/signal-hook/examples/keyboard-interrupt.rs
"""

import signal
import threading


def count(stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        number += 1


def back_up(stop: threading.Event) -> None:
    while not stop.wait(timeout=3600):
        print("one more backup")


def serve() -> None:
    stop = threading.Event()
    threads = [threading.Thread(target=it, args=(stop,)) for it in [count, back_up]]
    for thread in threads:
        thread.start()
    try:
        signal.raise_signal(signal.SIGINT)  # As if you pressed Ctrl-C.
        stop.wait()
    except KeyboardInterrupt:
        print("interrupted")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        print("both threads have ended")


def main() -> None:
    # SIGTERM raises KeyboardInterrupt, too.
    for number in [signal.SIGINT, signal.SIGTERM]:
        signal.signal(number, signal.default_int_handler)
    try:
        serve()
    finally:
        print("connection closed")


main()
