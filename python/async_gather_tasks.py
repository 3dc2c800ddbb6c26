"""Wait and say in a task for each saying, and gather the tasks afterwards.

A task is a handle to work that has been scheduled already: it can be asked, named and
cancelled before it is gathered.

In Rust: examples-async/src/bin/async-gather-tasks.rs
"""

import asyncio

from workloads import SayAfterOptions, Saying, run_async, say


async def say_after(saying: Saying) -> None:
    await asyncio.sleep(saying.delay)
    say(saying.what())


async def main() -> int:
    options = SayAfterOptions.parse(__doc__, can_fail=True)
    tasks = [asyncio.create_task(say_after(saying)) for saying in options.sayings()]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return options.report(results)


if __name__ == "__main__":
    run_async(main)
