"""Shared memory: two processes read and write the same bytes.

In Rust: phrasebook/memmap2/examples/shared-memory.rs
"""

from multiprocessing import Process
from multiprocessing.shared_memory import SharedMemory


def double(name: str, length: int) -> None:
    memory = SharedMemory(name)
    for pixel in range(length):  # The memory may be longer than what was asked for.
        memory.buf[pixel] *= 2
    memory.close()


def main() -> None:
    pixels = bytes([10, 20, 30])
    memory = SharedMemory(create=True, size=len(pixels))
    try:
        view = memory.buf[: len(pixels)]
        view[:] = pixels
        print(f"before: {list(view)}")
        child = Process(target=double, args=(memory.name, len(pixels)))
        child.start()
        child.join()
        print(f"after the child has doubled it: {list(view)}")
        view.release()
    finally:
        memory.close()
        memory.unlink()


if __name__ == "__main__":
    main()
