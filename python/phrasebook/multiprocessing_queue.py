"""Queue between processes: several children put their results into one queue.

In Rust: phrasebook/std/examples/multiprocessing-queue.rs
"""

from multiprocessing import Process, Queue


def count(name: str, letter: str, counts: "Queue[tuple[str, int]]") -> None:
    counts.put((name, len(letter.split())))


def main() -> None:
    letters = {
        "Ada": "Dear Bob, the engine runs.",
        "Bob": "Oh no.",
        "Cy": "See you soon.",
    }
    counts: "Queue[tuple[str, int]]" = Queue()
    children = [
        Process(target=count, args=(name, letter, counts))
        for name, letter in letters.items()
    ]
    for child in children:
        child.start()
    got = [counts.get() for _ in letters]  # Before join, or a full queue keeps them.
    for child in children:
        child.join()
    for name, words in sorted(got):  # They came as they were ready.
        print(f"{name}: {words} words")


if __name__ == "__main__":
    main()
