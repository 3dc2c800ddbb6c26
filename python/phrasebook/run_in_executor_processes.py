"""`run_in_executor` with processes: await the task of a process pool in async code.

In Rust: phrasebook/process-pool-tokio/examples/run-in-executor-processes.rs
"""

import asyncio
import socket
from concurrent.futures import ProcessPoolExecutor


def ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return connection.makefile().read()


async def answer(_: asyncio.StreamReader, question: asyncio.StreamWriter) -> None:
    question.write(b"we open at six")
    question.close()
    await question.wait_closed()


async def main() -> None:
    with ProcessPoolExecutor(max_workers=1) as pool:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as bakery:
            port = bakery.sockets[0].getsockname()[1]
            loop = asyncio.get_running_loop()
            words = await loop.run_in_executor(pool, ask, port)
            print(f"the answer: {words}")

            # Wrong: `result` blocks the event loop, so the bakery cannot answer.
            future = pool.submit(ask, port)
            try:
                future.result(timeout=0.05)
            except TimeoutError:
                print("trap: no answer within 50 ms, because the wait blocks the bakery")
            words = await asyncio.wrap_future(future)
            print(f"late answer: {words}")


if __name__ == "__main__":
    asyncio.run(main())
