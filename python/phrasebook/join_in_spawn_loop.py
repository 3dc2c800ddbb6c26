"""Common mistake: `join` in the loop that starts the threads, so they run in turn.

In Rust: phrasebook/std/examples/join-in-spawn-loop.rs
"""

import threading

# For this page only: how many threads are started and not yet joined.
now = 0
most = 0


class Fetch(threading.Thread):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.length = 0

    def run(self) -> None:
        self.length = len(self.path)


def start(path: str) -> Fetch:
    global now, most
    now += 1
    most = max(most, now)
    fetch = Fetch(path)
    fetch.start()
    return fetch


def join(fetch: Fetch) -> int:
    global now
    fetch.join()
    now -= 1
    return fetch.length


def main() -> None:
    global most
    paths = ["/", "/news", "/about"]
    fetches = [start(path) for path in paths]  # Starts all of them.
    length = sum(join(fetch) for fetch in fetches)
    print(f"{', '.join(paths)}: {length} bytes")
    print(f"at most {most} threads at the same time")

    # Wrong: without a list, sum() starts and joins one thread after the other.
    most = 0
    again = sum(map(join, map(start, paths)))
    assert again == length
    print(f"trap: start and join in one chain: at most {most} thread at the same time")


main()
