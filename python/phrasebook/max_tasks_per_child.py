"""`max_tasks_per_child`: replace a worker process after n tasks, for tasks that leak.

In Rust: phrasebook/process-pool/examples/max-tasks-per-child.rs
"""

from concurrent.futures import ProcessPoolExecutor

crumbs = 0


def cut(loaf: int) -> int:
    """Cuts a loaf, leaves a crumb behind, and says how many there are in this process."""
    global crumbs
    crumbs += 1
    return crumbs


def main() -> None:
    with ProcessPoolExecutor(max_workers=1, max_tasks_per_child=2) as pool:
        for loaf in range(1, 5):
            # One at a time: CPython 3.11 to 3.14 without the repair of gh-115634 may hang
            # if more tasks are queued.
            count = pool.submit(cut, loaf).result()
            print(f"loaf {loaf}: crumbs in this worker: {count}")

    # Wrong: the same worker runs all tasks.
    with ProcessPoolExecutor(max_workers=1) as pool:
        *_, count = pool.map(cut, range(1, 5))
    print(f"trap: loaf 4 without the limit: crumbs in this worker: {count}")


if __name__ == "__main__":
    main()
