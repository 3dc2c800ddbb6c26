"""Thread name: tell threads apart in logs and debuggers.

In Rust: phrasebook/std/examples/thread-name.rs
"""

import threading


def main() -> None:
    print(f"the first thread: {threading.current_thread().name}")

    def say() -> None:
        print(f"asked by itself: {threading.current_thread().name}")

    postman = threading.Thread(target=say, name="postman")
    postman.start()
    postman.join()
    print(f"asked by main: {postman.name}")


main()
