"""Module global: a `static`, which all threads share, and a cache of a function's results.

In Rust: phrasebook/std/examples/module-global.rs
"""

import functools
import threading

requests = 0
customers: list[str] = []
lock = threading.Lock()
city = ""
calls = 0


@functools.cache
def prices() -> dict[str, int]:
    print("the table is made at its first use")
    return {"bread": 3, "rolls": 1}


@functools.cache
def fibonacci(n: int) -> int:
    global calls
    calls += 1
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def serve(customer: str) -> None:
    global requests
    with lock:
        requests += 1
    customers.append(customer)


def main() -> None:
    global city
    city = "Paris"
    print(f"the shop is in {city}")

    threads = [threading.Thread(target=serve, args=(it,)) for it in ["Bob", "Ada"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    customers.sort()
    print(f"{requests} requests, from {' and '.join(customers)}")

    print(f"price of bread: {prices()['bread']}")

    print(f"fibonacci(50) is {fibonacci(50)}, computed with {calls} calls")


main()
