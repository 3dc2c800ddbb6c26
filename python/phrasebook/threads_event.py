"""Event between threads, set once: all wait until it has happened.

In Rust: phrasebook/std/examples/threads-event.rs
"""

import threading


def main() -> None:
    dish = "nothing"
    dinner = threading.Event()
    eaten: dict[str, str] = {}
    print(f"before: {dish if dinner.is_set() else 'nothing'}")

    def eat(guest: str) -> None:
        dinner.wait()
        eaten[guest] = dish

    guests = {name: threading.Thread(target=eat, args=(name,)) for name in ("Ada", "Bob")}
    for thread in guests.values():
        thread.start()
    dish = "soup"  # An Event carries no value: assign it before set().
    dinner.set()
    for guest, thread in guests.items():
        thread.join()
        print(f"{guest} eats {eaten[guest]}")


main()
