"""`threading.excepthook`: one function that is called when a thread fails.

In Rust: phrasebook/std/examples/excepthook.rs
"""

import threading


def log(args: threading.ExceptHookArgs) -> None:
    print(f"log: {args.thread.name} failed: {args.exc_value}")
    threading.__excepthook__(args)  # The usual traceback, on standard error.


def deliver() -> None:
    raise ValueError("no stamp")


def main() -> None:
    threading.excepthook = log
    postman = threading.Thread(target=deliver, name="postman")
    postman.start()
    postman.join()
    print("main goes on")


main()
