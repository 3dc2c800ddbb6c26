"""Wait and say in a task group, which ends when all of its tasks are done.

When a saying fails (`--fail 0.5`), the group cancels the others, waits for them, and
raises the failure in an exception group.

In Rust: examples-async/src/bin/async-task-group.rs
"""

import asyncio

from options import SayAfterOptions
from tracing import traced
from workloads import Saying, print_error, run_async, say


@traced
async def say_after(saying: Saying) -> None:
    await asyncio.sleep(saying.delay)
    say(saying.text())


async def main() -> int:
    options = SayAfterOptions.parse(__doc__)
    try:
        async with asyncio.TaskGroup() as group:
            for saying in options.sayings():
                group.create_task(say_after(saying))
    except ExceptionGroup as failed:
        for error in failed.exceptions:
            print_error(error)
        return 1
    return options.report_completed()


if __name__ == "__main__":
    run_async(main)
