# Needs Python 3.15.
"""Iterator shared by threads: each item goes to one of them.

In Rust: phrasebook/std/examples/serialize-iterator.rs
"""

import threading


def main() -> None:
    # Two threads must not run a generator at the same time.
    pages = threading.serialize_iterator(page for page in range(1, 1001))
    sums: list[int] = []
    threads = [threading.Thread(target=lambda: sums.append(sum(pages))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"3 threads took 1 to 1000: sum {sum(sums)}")


main()
