"""Wait and say in coroutines that `gather` turns into tasks and waits for.

When a saying fails (`--fail 0.5`) its siblings go on, and all of them speak. Failures
come back among the results here; without `return_exceptions` the first one would be
raised at once, and its siblings would be left running with nobody to wait for them.

In Rust: examples-async/src/bin/async-gather.rs
"""

import asyncio

from workloads import SayAfterOptions, Saying, run_async, say


async def say_after(saying: Saying) -> None:
    await asyncio.sleep(saying.delay)
    say(saying.what())


async def main() -> int:
    options = SayAfterOptions.parse(__doc__, can_fail=True)
    results = await asyncio.gather(
        *map(say_after, options.sayings()), return_exceptions=True
    )
    return options.report(results)


if __name__ == "__main__":
    run_async(main)
