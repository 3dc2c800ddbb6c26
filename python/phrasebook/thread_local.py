"""Thread-local variable: each thread has a value of its own.

In Rust: phrasebook/rayon/examples/thread-local.rs
"""

import threading
from concurrent.futures import ThreadPoolExecutor

context = threading.local()


def set_user(user: str) -> None:
    context.user = user


def get_user() -> str:
    # A new thread has no such attribute, where Rust makes a first value.
    return getattr(context, "user", "no user")


def main() -> None:
    set_user("Ada")
    print(f"in main: {get_user()}")
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(get_user()))
    thread.start()
    thread.join()
    print(f"in a new thread: {found[0]}")

    # Wrong: the second task does not set the user.
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(set_user, "Bob").result()
        user = pool.submit(get_user).result()
    print(f"trap: a pool's thread: the next task still finds {user}")


main()
