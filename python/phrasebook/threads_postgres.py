"""PostgreSQL from threads: a connection pool that is smaller than the number of threads.

In Rust: phrasebook/postgres/examples/threads-postgres.rs
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from psycopg_pool import ConnectionPool, PoolTimeout

NO_SERVER = (
    "set DATABASE_URL to the address of a PostgreSQL server, such as "
    "postgres://postgres@127.0.0.1/postgres; to start one: docker run --rm "
    "-p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres"
)


def main() -> None:
    url = os.environ.get("DATABASE_URL") or sys.exit(NO_SERVER)
    with ConnectionPool(url, min_size=2, max_size=2) as pool:

        def square(number: int) -> int:
            with pool.connection() as conn:  # Waits until a connection is free.
                query = "SELECT %s::int * %s::int"
                return conn.execute(query, (number, number)).fetchone()[0]

        with ThreadPoolExecutor(max_workers=6) as threads:
            squares = list(threads.map(square, range(1, 7)))
        print(f"6 threads share {pool.max_size} connections:", *squares)

        with pool.connection(), pool.connection():
            try:
                pool.getconn(timeout=0.1)
            except PoolTimeout:
                print("both connections are in use: no third one within 100 ms")


main()
