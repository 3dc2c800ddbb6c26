"""Reentrant lock: a method that holds the lock calls a method that takes it again.

In Rust: phrasebook/std/examples/rlock.rs
"""

import threading


class Account:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.pocket = 0
        self.savings = 0

    def deposit(self, amount: int) -> None:
        with self.lock:
            self.pocket += amount

    def save(self, amount: int) -> None:
        with self.lock:
            self.deposit(-amount)
            self.savings += amount

    def payday(self, wage: int) -> None:
        with self.lock:
            self.deposit(wage)
            self.save(wage // 4)


def main() -> None:
    account = Account()
    account.payday(100)
    print(f"pocket {account.pocket}, savings {account.savings}")


main()
