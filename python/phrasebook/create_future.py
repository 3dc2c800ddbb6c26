"""Future that other code completes: one end sets the value, the other awaits it.

In Rust: phrasebook/tokio/examples/create-future.rs
"""

import asyncio


async def main() -> None:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()
    loop.call_soon(answer.set_result, "yes")
    print("the answer:", await answer)

    answer = loop.create_future()
    answer.cancel()
    try:
        answer.set_result("no")
    except asyncio.InvalidStateError:
        print('cancelled before it was set: "no" was not delivered')


asyncio.run(main())
