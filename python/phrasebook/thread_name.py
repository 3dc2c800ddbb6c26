"""Give a thread a name, for logs and debuggers.

In Rust: phrasebook/std/examples/thread-name.rs
"""

import threading


def main() -> None:
    print(f"the first: {threading.current_thread().name}")

    def say() -> None:
        print(f"its own words: {threading.current_thread().name}")

    postman = threading.Thread(target=say, name="postman")
    postman.start()
    postman.join()
    print(f"seen from outside: {postman.name}")


main()
