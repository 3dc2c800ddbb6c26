"""A variable that every thread has for itself.

In Rust: phrasebook/tokio/examples/thread-local.rs
"""

import threading

context = threading.local()


def main() -> None:
    context.user = "Ada"
    found: list[str] = []

    def look() -> None:
        # A new thread has no such attribute, where Rust makes a first value.
        found.append(getattr(context, "user", "nobody"))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    print(f"in a new thread: {found[0]}")
    print(f"in main: {context.user}")


main()
