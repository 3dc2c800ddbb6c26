"""Replace a worker process after so many tasks, for tasks that leave something behind.

In Rust: phrasebook/process-pool/examples/max-tasks-per-child.rs
"""

from concurrent.futures import ProcessPoolExecutor

crumbs = 0


def cut(loaf: int) -> int:
    """Cuts a loaf, says how many crumbs this process has on its table, and wipes nothing."""
    global crumbs
    crumbs += 1
    return crumbs


def main() -> None:
    with ProcessPoolExecutor(max_workers=1, max_tasks_per_child=2) as pool:
        for loaf in range(1, 5):
            # One at a time: Python up to 3.13 may hang when many wait for a new worker.
            count = pool.submit(cut, loaf).result()
            print(f"loaf {loaf}: {count} crumb{'' if count == 1 else 's'} on the table")


if __name__ == "__main__":
    main()
