# Needs Python 3.15.
"""Let several threads take their work from one iterator, each item once.

In Rust: phrasebook/std/examples/serialize-iterator.rs
"""

import threading


def main() -> None:
    # A generator, unlike a range, must not be entered by two threads at once.
    pages = threading.serialize_iterator(page for page in range(1, 1001))
    sums: list[int] = []
    threads = [threading.Thread(target=lambda: sums.append(sum(pages))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"3 threads took 1 to 1000: sum {sum(sums)}")


main()
