"""Wait and say in coroutines that `asyncio.gather` runs at the same time.

When a saying fails (`--fail 0.5`), the others go on: with `return_exceptions` the
failures are among the results. Without it, as in the article, `gather` would raise the
first failure, and the other tasks would go on with nothing awaiting them.

In Rust: examples-async/src/bin/async-gather.rs
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
    results = await asyncio.gather(
        *map(say_after, options.sayings()), return_exceptions=True
    )
    return options.report(results)


if __name__ == "__main__":
    run_async(main)
