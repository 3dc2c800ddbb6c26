"""A queue without a limit, from any number of threads to one.

In Rust: phrasebook/std/examples/threads-simple-queue.rs
"""

import queue
import threading


def main() -> None:
    post: queue.SimpleQueue[str] = queue.SimpleQueue()
    print(f"empty at first: {str(post.empty()).lower()}")

    def deliver() -> None:
        for name in ["Ada", "Bob"]:
            post.put(f"a letter for {name}")

    postman = threading.Thread(target=deliver)
    postman.start()
    print(post.get())
    print(post.get())
    postman.join()

    try:
        post.get(timeout=0.02)
    except queue.Empty:
        print("nothing more within 20 ms: true")


main()
