"""CPU work in a pool while the event loop goes on: await its value.

In Rust: phrasebook/tokio-rayon/examples/run-in-executor.rs
"""

import asyncio
from concurrent.futures import ProcessPoolExecutor


def mean(numbers: list[int]) -> int:
    if not numbers:
        raise ValueError("no numbers")
    return sum(numbers) // len(numbers)


async def main() -> None:
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor() as pool:
        for numbers in [[10, 20, 30, 40], []]:
            try:
                result = await loop.run_in_executor(pool, mean, numbers)
                print(f"{len(numbers)} numbers: mean {result}")
            except ValueError as error:
                print(f"{len(numbers)} numbers: failed: {error}")


if __name__ == "__main__":
    asyncio.run(main())
