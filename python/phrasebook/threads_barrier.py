"""Barrier for threads: all wait until the last one has arrived, then all go on.

In Rust: phrasebook/std/examples/threads-barrier.rs
"""

import threading


def meet() -> None:
    barrier = threading.Barrier(3)
    arrived: list[int] = []
    seen: dict[int, int] = {}
    leaders: list[int] = []

    def work(number: int) -> None:
        arrived.append(number)
        if barrier.wait() == 0:
            leaders.append(number)
        seen[number] = len(arrived)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for number, thread in enumerate(threads):
        thread.join()
        print(f"thread {number} goes on when {seen[number]} of 3 have arrived")
    print(f"leaders: {len(leaders)}")


def fail() -> None:
    barrier = threading.Barrier(2)
    outcomes: dict[str, str] = {}

    def read(text: str) -> None:
        try:
            int(text)
        except ValueError:
            barrier.abort()
        try:
            barrier.wait()
            outcomes[text] = "goes on"
        except threading.BrokenBarrierError:
            outcomes[text] = "stops"

    threads = [threading.Thread(target=read, args=(text,)) for text in ("three", "4")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"one of 2 threads failed: the other {outcomes['4']}")


def main() -> None:
    meet()
    fail()


main()
