# Needs Python 3.13.
"""Close a queue: what is in it is still dealt with, then its consumers end.

In Rust: phrasebook/std/examples/threads-queue-shutdown.rs
"""

import queue
import threading


def main() -> None:
    post: queue.Queue[str] = queue.Queue()
    delivered: list[str] = []

    def postman() -> None:
        try:
            while True:
                delivered.append(post.get())
        except queue.ShutDown:
            pass

    thread = threading.Thread(target=postman)
    thread.start()
    post.put("Ada")
    post.put("Bob")
    post.shutdown()
    thread.join()
    print(f"delivered: {', '.join(delivered)}")

    name = "Cy"
    try:
        post.put(name)
    except queue.ShutDown:
        print(f"sending after the end: refused, {name}")


main()
