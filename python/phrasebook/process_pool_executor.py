"""`ProcessPoolExecutor`: run a heavy calculation for three numbers in worker processes.

In Rust: phrasebook/process-pool/examples/process-pool-executor.rs
"""

from concurrent.futures import ProcessPoolExecutor


def heavy_calculation(number: int) -> int:
    return sum(i * i for i in range(number))


def main() -> None:
    numbers = [100_000, 150_000, 200_000]
    with ProcessPoolExecutor() as executor:
        for number, result in zip(numbers, executor.map(heavy_calculation, numbers)):
            print(f"Calculation for {number} returned {result}")


if __name__ == "__main__":
    main()
