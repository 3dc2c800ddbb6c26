"""`initializer` with processes: prepare every worker once, before its first task.

In Rust: phrasebook/process-pool/examples/processes-initializer.rs
"""

import logging
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

dictionary: dict[str, str] = {}


def open_dictionary(language: str) -> None:
    """Reads a big dictionary: too slow to do again for every task."""
    if language != "de":
        raise LookupError(f"no dictionary for {language}")
    dictionary.update(bread="Brot", cake="Kuchen")


def translate(word: str) -> str:
    return dictionary.get(word, "unknown")


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
            print("the initializer failed: the pool is broken")

    # Wrong: this fills the dictionary of this process only.
    open_dictionary("de")
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        translation = pool.submit(translate, "bread").result()
    print(f"trap: only main has filled the dictionary: in a worker bread is {translation}")


if __name__ == "__main__":
    main()
