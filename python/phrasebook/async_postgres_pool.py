"""Connection pool for tasks: fewer connections than tasks.

In Rust: phrasebook/deadpool-postgres/examples/async-postgres-pool.rs
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
    async with asyncpg.create_pool(url, min_size=2, max_size=2) as pool:

        async def square(number: int) -> int:
            async with pool.acquire() as conn:  # Waits until a connection is free.
                return await conn.fetchval("SELECT $1::int * $1", number)

        squares = await asyncio.gather(*(square(number) for number in range(1, 7)))
        print("6 tasks share 2 connections:", *squares)

        async with pool.acquire(), pool.acquire():
            try:
                await pool.acquire(timeout=0.1)
            except TimeoutError:
                print("both connections are in use: no third one within 100 ms")

    async with asyncpg.create_pool(url, min_size=1, max_size=1) as pool:
        async with pool.acquire() as conn:
            await conn.execute("SET TIME ZONE 'Asia/Tokyo'")
        async with pool.acquire() as conn:
            if await conn.fetchval("SHOW TIME ZONE") != "Asia/Tokyo":
                print("the next task gets a clean session")


asyncio.run(main())
