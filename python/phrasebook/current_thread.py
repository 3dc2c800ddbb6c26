"""Ask which thread this is, and whether it is the main one.

In Rust: phrasebook/std/examples/current-thread.rs
"""

import threading


def draw() -> bool:
    return threading.current_thread() is threading.main_thread()


def main() -> None:
    print(f"main draws: {str(draw()).lower()}")
    drawn: list[bool] = []
    helper = threading.Thread(target=lambda: drawn.append(draw()))
    helper.start()
    helper.join()
    print(f"a helper draws: {str(drawn[0]).lower()}")


main()
