"""The answers of CPython's pool and of loky: `pools.py cpython|loky QUESTION`."""

import os
import shutil
import sys
import tempfile
import time

TINY = 20_000
CHUNKED = 100_000
TRIPS = 3_000
BIG = 50_000_000
PANICS = 200


def increment(n):
    return n + 1


def echo(data):
    return data


def nap(ms):
    time.sleep(ms / 1000)
    return ms


def fail(n):
    raise ValueError(f"message {n}")


def say():
    print("out loud", flush=True)


def meet(folder, workers):
    open(os.path.join(folder, str(os.getpid())), "w").close()
    while len(os.listdir(folder)) < workers:
        time.sleep(0.0001)


def make(kind, workers, **options):
    if kind == "loky":
        from loky import ProcessPoolExecutor
    else:
        from concurrent.futures import ProcessPoolExecutor
    return ProcessPoolExecutor(workers, **options)


def warm(kind, workers):
    pool = make(kind, workers)
    folder = tempfile.mkdtemp()
    for task in [pool.submit(meet, folder, workers) for _ in range(workers)]:
        task.result()
    shutil.rmtree(folder)
    return pool


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def words(text):
    return f"words {text}"


def seconds(value):
    return f"seconds {value}"


def death(kind):
    pool = warm(kind, 2)
    tasks = [pool.submit(nap, 300)]
    victim = pool.submit(os.abort)
    tasks += [pool.submit(nap, 1) for _ in range(10)]
    message, failed = "", 1
    try:
        victim.result()
    except Exception as error:
        message = type(error).__name__
        if "SIGABRT" in str(error):
            message += " … SIGABRT …"
    for task in tasks:
        try:
            task.result()
        except Exception:
            failed += 1
    try:
        pool.submit(increment, 1).result()
        state = "the pool goes on"
    except Exception:
        state = "the pool is broken"
    return words(f"{failed} of 12 fail, {state}: “{message}”")


def panics(kind):
    pool = warm(kind, 2)
    arrived = 0
    for n in range(PANICS):
        try:
            pool.submit(fail, n).result()
        except ValueError as error:
            arrived += str(error) == f"message {n}"
    lost = PANICS - arrived
    return words("all arrive" if lost == 0 else f"{lost} are lost")


def three_big(kind):
    pool = warm(kind, 2)
    for task in [pool.submit(echo, bytes(BIG)) for _ in range(3)]:
        assert len(task.result()) == BIG
    return words("works")


def queued(kind):
    pool = warm(kind, 2)
    before = len(os.listdir("/proc/self/fd"))
    tasks = [pool.submit(nap, 2) for _ in range(400)]
    more = len(os.listdir("/proc/self/fd")) - before
    for task in tasks:
        task.result()
    return words(more)


def prints(kind):
    warm(kind, 1).submit(say).result()
    return words("")


def killed(kind):
    pool = make(kind, 1)
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(nap, 5000).result()
    return words("")


def backlog(kind):
    if kind == "loky":
        return words("not offered")
    pool = make(kind, 1, max_tasks_per_child=2)
    assert list(pool.map(increment, range(6))) == list(range(1, 7))
    return words("works")


def tiny(kind):
    pool = warm(kind, 2)
    return seconds(timed(lambda: sum(pool.map(increment, range(TINY)))))


def chunks(kind):
    pool = warm(kind, 2)
    return seconds(timed(lambda: sum(pool.map(increment, range(CHUNKED), chunksize=100))))


def round_trip(kind):
    pool = warm(kind, 1)

    def run():
        for n in range(TRIPS):
            pool.submit(increment, n).result()

    return seconds(timed(run) / TRIPS)


def start(kind):
    return seconds(min(timed(lambda: warm(kind, 4)) for _ in range(3)))


def big(kind):
    pool = warm(kind, 1)
    return seconds(min(timed(lambda: pool.submit(echo, bytes(BIG)).result()) for _ in range(3)))


QUESTIONS = {
    "death": death,
    "panics": panics,
    "three-big": three_big,
    "queued": queued,
    "print": prints,
    "killed": killed,
    "backlog": backlog,
    "tiny": tiny,
    "chunks": chunks,
    "round-trip": round_trip,
    "start": start,
    "big": big,
}

if __name__ == "__main__":
    _, kind, question = sys.argv
    print(QUESTIONS[question](kind), flush=True)
