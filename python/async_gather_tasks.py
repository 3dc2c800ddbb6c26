"""Wait and say in a task for each saying, and gather the tasks afterwards.

A task is a handle to work that is already scheduled: a program can also name it, ask for
its state, and cancel it.

In Rust: examples-async/src/bin/async-gather-tasks.rs
"""

import asyncio

from options import SayAfterOptions
from tracing import traced
from workloads import Saying, run_async, say


@traced
async def say_after(saying: Saying) -> None:
    await asyncio.sleep(saying.delay)
    say(saying.text())


async def main() -> int:
    options = SayAfterOptions.parse(__doc__)
    tasks = [asyncio.create_task(say_after(saying)) for saying in options.sayings()]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return options.report(results)


if __name__ == "__main__":
    run_async(main)
