"""Have every thread of a pool do something once, before its first task.

In Rust: phrasebook/rayon/examples/threads-initializer.rs
"""

import threading
from concurrent.futures import ThreadPoolExecutor

local = threading.local()


def open_dictionary(language: str) -> None:
    """Opens a big dictionary that threads cannot share, one for each thread."""
    if language != "de":
        raise LookupError("no such dictionary")
    local.dictionary = {"bread": "Brot", "cake": "Kuchen"}


def translate(word: str) -> str:
    return local.dictionary.get(word, "nothing")


def main() -> None:
    words = ["bread", "cake"]
    with ThreadPoolExecutor(initializer=open_dictionary, initargs=("de",)) as pool:
        for word, translation in zip(words, pool.map(translate, words)):
            print(f"{word} is {translation}")


main()
