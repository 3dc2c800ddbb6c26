"""`Manager`: several processes share one dict, which one process owns.

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

        # Wrong: two clients (here both are main) read before either of them writes.
        before = votes["soup"]
        read = [votes["soup"], votes["soup"]]
        for count in read:
            votes["soup"] = count + 1
        more = votes["soup"] - before
        print(f"trap: 2 more votes, but the count went up by {more}")


if __name__ == "__main__":
    main()
