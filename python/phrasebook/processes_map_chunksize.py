"""`Executor.map(chunksize)`: send many small items to worker processes in chunks.

In Rust: phrasebook/process-pool/examples/processes-map-chunksize.rs
"""

from concurrent.futures import ProcessPoolExecutor


def boil(egg: int) -> int:
    if egg == 2:
        raise ValueError("broken")
    return 5


def main() -> None:
    egg = 1
    with ProcessPoolExecutor() as pool:
        try:
            for minutes in pool.map(boil, [1, 2, 3, 4], chunksize=2):
                print(f"egg {egg}: {minutes} minutes")
                egg += 1
        except ValueError as error:
            # Egg 1 is in the same chunk and lost, too. The iteration is over.
            print(f"egg {egg}: {error}")


if __name__ == "__main__":
    main()
