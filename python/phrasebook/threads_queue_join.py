"""Wait until everything that was put into a queue has been dealt with.

In Rust: phrasebook/crossbeam/examples/threads-queue-join.rs
"""

import queue
import threading


def main() -> None:
    post: queue.Queue[str] = queue.Queue()
    delivered: list[str] = []

    def postman() -> None:
        while True:
            name = post.get()
            delivered.append(name)
            post.task_done()

    for _ in range(2):
        threading.Thread(target=postman, daemon=True).start()
    for name in ["Ada", "Bob", "Cy"]:
        post.put(name)
    post.join()
    print(f"all dealt with: {len(delivered)} delivered")


main()
