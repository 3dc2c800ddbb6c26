"""Several processes share one table.

In Rust: phrasebook/std/examples/manager.rs
"""

from multiprocessing import Manager, Process
from multiprocessing.managers import DictProxy
from threading import Lock


def vote(votes: "DictProxy[str, int]", lock: Lock) -> None:
    for dish in ["soup", "pie"]:
        with lock:  # A get and a set are two requests to the manager.
            votes[dish] += 1


def main() -> None:
    with Manager() as manager:
        votes = manager.dict(pie=0, soup=0)
        lock = manager.Lock()
        voters = [Process(target=vote, args=(votes, lock)) for _ in range(3)]
        for voter in voters:
            voter.start()
        for voter in voters:
            voter.join()
        for dish in ["pie", "soup"]:
            print(f"{dish}: {votes[dish]}")


if __name__ == "__main__":
    main()
