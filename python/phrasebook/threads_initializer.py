"""`initializer` with threads: prepare every thread once, before its first task.

In Rust: phrasebook/thread-pool-rayon/examples/threads-initializer.rs
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.thread import BrokenThreadPool

local = threading.local()


def open_dictionary(language: str) -> None:
    """Opens a big dictionary that threads cannot share, one for each thread."""
    if language != "de":
        raise LookupError(f"no dictionary for {language}")
    local.dictionary = {"bread": "Brot", "cake": "Kuchen"}


def translate(word: str) -> str:
    return local.dictionary.get(word, "unknown")


def main() -> None:
    logging.disable()  # The pool logs why an initializer failed.
    words = ["bread", "cake"]
    with ThreadPoolExecutor(initializer=open_dictionary, initargs=("de",)) as pool:
        for word, translation in zip(words, pool.map(translate, words)):
            print(f"{word} is {translation}")
    with ThreadPoolExecutor(initializer=open_dictionary, initargs=("tlh",)) as pool:
        try:
            pool.submit(translate, "bread").result()
        except BrokenThreadPool:
            print("the initializer failed: the pool is broken")


main()
