"""Current thread: which thread is this, and is it the main thread?

In Rust: phrasebook/std/examples/current-thread.rs
"""

import threading


def draw() -> str:
    if threading.current_thread() is threading.main_thread():
        return "drawn"
    return "refused, not the main thread"


def main() -> None:
    print(f"main: {draw()}")
    drawn: list[str] = []
    helper = threading.Thread(target=lambda: drawn.append(draw()))
    helper.start()
    helper.join()
    print(f"a helper: {drawn[0]}")


main()
