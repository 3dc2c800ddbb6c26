"""PostgreSQL from tasks: one connection, which pipelines their queries.

In Rust: phrasebook/tokio-postgres/examples/async-postgres.rs
"""

import asyncio
import os
import sys

import asyncpg

NO_SERVER = (
    "set DATABASE_URL to the address of a PostgreSQL server, such as "
    "postgres://postgres@127.0.0.1/postgres; to start one: docker run --rm "
    "-p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres"
)


async def main() -> None:
    url = os.environ.get("DATABASE_URL") or sys.exit(NO_SERVER)
    conn = await asyncpg.connect(url)

    async with conn.transaction():  # Commits at its end.
        await conn.execute(
            "CREATE TEMP TABLE account AS SELECT 'Ada' AS owner, 70 AS balance"
        )
    print(f"committed: Ada has {await conn.fetchval('SELECT balance FROM account')}")

    lock = asyncio.Lock()

    async def square(number: int) -> int:
        async with lock:  # asyncpg does one thing at a time on a connection.
            return await conn.fetchval("SELECT $1::int * $1", number)

    squares = await asyncio.gather(*(square(number) for number in range(1, 6)))
    print("5 tasks share one connection:", *squares)

    _, error = await asyncio.gather(
        conn.execute("SELECT pg_sleep(0.2)"),
        conn.execute("SELECT 1"),
        return_exceptions=True,
    )
    if isinstance(error, asyncpg.InterfaceError):
        _, reason = str(error).split(": ")
        print(f"two queries at the same time: {reason}")

    await conn.close()


asyncio.run(main())
