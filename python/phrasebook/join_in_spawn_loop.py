"""Known-wrong: a thread is joined before the next one starts, so that they run in turn.

In Rust: phrasebook/std/examples/join-in-spawn-loop.rs
"""

import threading

under_way = 0
peak = 0
lengths: list[int] = []


def start(path: str) -> threading.Thread:
    global under_way, peak
    under_way += 1
    peak = max(peak, under_way)
    thread = threading.Thread(target=lambda: lengths.append(len(path)))
    thread.start()
    return thread


def join(thread: threading.Thread) -> None:
    global under_way
    thread.join()
    under_way -= 1


def main() -> None:
    paths = ["/", "/news", "/about"]
    threads = [start(path) for path in paths]
    for thread in threads:
        join(thread)
    print(f"{', '.join(paths)}: {sum(lengths)} bytes")
    print(f"at most {peak} at once")


main()
