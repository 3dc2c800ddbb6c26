"""Have every worker process do something once, before its first task.

In Rust: phrasebook/process-pool/examples/processes-initializer.rs
"""

import logging
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

dictionary: dict[str, str] = {}


def open_dictionary(language: str) -> None:
    """Reads a big dictionary, which each task would not want to do."""
    if language != "de":
        raise LookupError(f"no dictionary for {language}")
    dictionary.update(bread="Brot", cake="Kuchen")


def translate(word: str) -> str:
    return dictionary.get(word, "nothing")


def main() -> None:
    logging.disable()  # The pool logs why an initializer failed.
    words = ["bread", "cake"]
    with ProcessPoolExecutor(initializer=open_dictionary, initargs=("de",)) as pool:
        for word, translation in zip(words, pool.map(translate, words)):
            print(f"{word} is {translation}")
    with ProcessPoolExecutor(initializer=open_dictionary, initargs=("tlh",)) as pool:
        try:
            pool.submit(translate, "bread").result()
        except BrokenProcessPool:
            print("one that fails: the pool is broken")


if __name__ == "__main__":
    main()
