"""Thread: run a function in a thread, wait for it, and get what it returns.

In Rust: phrasebook/std/examples/thread.rs
"""

import threading


def words(letter: str) -> int:
    return len(letter.split())


def main() -> None:
    # A Thread keeps no return value: the function stores it where main can read it.
    counts: dict[str, int] = {}

    def count(letter: str) -> None:
        counts[letter] = words(letter)

    letter = "Dear Ada, the engine runs."
    thread = threading.Thread(target=count, args=(letter,))
    thread.start()
    thread.join()
    print(f"spawned: {counts[letter]} words")

    inbox = ["See you at noon.", "No, thanks."]
    threads = [threading.Thread(target=count, args=(letter,)) for letter in inbox]
    for thread in threads:
        thread.start()
    for letter, thread in zip(inbox, threads):
        thread.join()
        print(f"scoped: {counts[letter]} words")

    failures: list[BaseException] = []

    def fail() -> None:
        try:
            raise ValueError("no stamp")
        except ValueError as error:
            failures.append(error)  # join() does not raise it.

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    print(f"a thread failed: {failures[0]}")


main()
