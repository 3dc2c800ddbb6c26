"""Query cancellation: a timeout drops the future, but the server runs the query on.

In Rust: phrasebook/tokio-postgres/examples/async-postgres-cancel.rs
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

SLOW = "SELECT pg_sleep(60)"


async def is_running(observer: asyncpg.Connection, pid: int) -> bool:
    """Whether a connection's query runs, as another connection sees it."""
    count = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active'"
    return await observer.fetchval(count, pid) > 0


async def main() -> None:
    url = os.environ.get("DATABASE_URL") or sys.exit(NO_SERVER)
    observer = await asyncpg.connect(url)
    conn = await asyncpg.connect(url)
    pid = conn.get_server_pid()

    await conn.execute("SET statement_timeout = '100ms'")
    try:
        await conn.execute(SLOW)
    except asyncpg.QueryCanceledError:
        print("statement_timeout: the server ended the query")
    await conn.execute("RESET statement_timeout")

    query = asyncio.create_task(conn.execute(SLOW))
    while not await is_running(observer, pid):
        await asyncio.sleep(0.005)
    query.cancel()  # As `asyncio.timeout` does. asyncpg tells the server.
    await asyncio.wait([query])
    while await is_running(observer, pid):
        await asyncio.sleep(0.005)
    print("cancel request: the server ended the query")

    await conn.close()
    await observer.close()


asyncio.run(main())
