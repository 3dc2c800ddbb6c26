"""Timer: run a function after a delay, unless it is cancelled.

In Rust: phrasebook/std/examples/timer.rs
"""

import threading


def main() -> None:
    rang: set[str] = set()

    def ring(dish: str) -> None:
        rang.add(dish)
        print(f"the {dish} are done")

    eggs = threading.Timer(0.02, ring, args=("eggs",))
    eggs.start()
    eggs.join()
    print("eggs: rang" if "eggs" in rang else "eggs: cancelled")

    roast = threading.Timer(3600, ring, args=("roast",))
    roast.start()
    roast.cancel()
    roast.join()
    print("roast: rang" if "roast" in rang else "roast: cancelled")


main()
