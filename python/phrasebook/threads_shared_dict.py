"""Dict, list or counter shared by threads: a `Mutex` around it, and an `Arc` if needed.

In Rust: phrasebook/std/examples/threads-shared-dict.rs
"""

import threading
from collections.abc import Callable


def run(functions: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    lock = threading.Lock()

    counts: dict[str, int] = {}

    def count(words: list[str]) -> None:
        for word in words:
            with lock:
                counts[word] = counts.get(word, 0) + 1

    run([lambda: count(["to", "be", "or"]), lambda: count(["not", "to", "be"])])
    print(f"dict: {counts['to']} times to, {counts['be']} times be")

    names: list[str] = []
    run([lambda: names.append("Bob"), lambda: names.append("Ada")])
    names.sort()
    print(f"list: {', '.join(names)}")

    counter = 0

    def count_to_1000() -> None:
        nonlocal counter
        for _ in range(1000):
            with lock:  # `counter += 1` alone is a read and a write.
                counter += 1

    run([count_to_1000] * 4)
    print(f"counter: {counter}")

    # Wrong: unlocked between the test and the change. Both threads pass the test.
    plans: dict[str, str] = {}
    written: list[str] = []
    both_have_looked = threading.Barrier(2)

    def plan(author: str) -> None:
        with lock:
            is_missing = "monday" not in plans
        if is_missing:
            both_have_looked.wait()
            with lock:
                plans["monday"] = author
                written.append(author)

    run([lambda: plan("Ada"), lambda: plan("Bob")])
    print(
        f"trap: {len(written)} threads found no plan and wrote one, "
        f"{len(plans)} plan is left"
    )


main()
