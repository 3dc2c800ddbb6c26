"""Do something after a while, unless it is called off.

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
    print(f"eggs rang: {str('eggs' in rang).lower()}")

    roast = threading.Timer(3600, ring, args=("roast",))
    roast.start()
    roast.cancel()
    roast.join()
    print(f"roast rang: {str('roast' in rang).lower()}")


main()
