"""Make threads wait for each other, so that all begin the next step together.

In Rust: phrasebook/std/examples/threads-barrier.rs
"""

import threading


def main() -> None:
    barrier = threading.Barrier(3)
    chopped: list[int] = []
    seen: dict[int, int] = {}
    leaders: list[int] = []

    def cook(number: int) -> None:
        chopped.append(number)
        if barrier.wait() == 0:
            leaders.append(number)
        seen[number] = len(chopped)

    cooks = [threading.Thread(target=cook, args=(number,)) for number in range(3)]
    for thread in cooks:
        thread.start()
    for number, thread in enumerate(cooks):
        thread.join()
        print(f"cook {number} starts to fry when {seen[number]} of 3 have chopped")
    print(f"leaders: {len(leaders)}")


main()
