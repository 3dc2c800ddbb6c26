"""`select!` between threads: wait for several queues, for a timeout, for a periodic tick.

In Rust: phrasebook/crossbeam/examples/threads-select.rs
"""

import itertools
import queue
import threading


def main() -> None:
    # One queue for all kinds of items.
    mail: queue.Queue[str | None] = queue.Queue()
    try:
        print(mail.get(timeout=0.02))
    except queue.Empty:
        print("timeout: nothing within 20 ms")

    def send(kind: str, names: list[str]) -> None:
        for name in names:
            mail.put(f"{kind} to {name}")
        mail.put(None)  # This sender has ended.

    senders = [
        threading.Thread(target=send, args=("letter", ["Ada", "Bob"])),
        threading.Thread(target=send, args=("parcel", ["Cy"])),
    ]
    for sender in senders:
        sender.start()
    delivered = []
    for _ in senders:
        delivered.extend(iter(mail.get, None))
    for sender in senders:
        sender.join()
    print(f"delivered: {', '.join(sorted(delivered))}")

    stop = threading.Event()
    reports: queue.Queue[str] = queue.Queue()

    def job() -> None:
        for run in itertools.count(1):
            if stop.wait(timeout=0.005):
                break
            reports.put(f"run {run}")

    periodic = threading.Thread(target=job)
    periodic.start()
    runs = [reports.get() for _ in range(3)]
    print(f"a job every 5 ms: {', '.join(runs)}")
    stop.set()
    periodic.join()
    print("the job has been stopped")


main()
