"""Database transaction: `commit` it, or it is rolled back.

In Rust: phrasebook/postgres/examples/postgres-transaction.rs
"""

import os
import sys

import psycopg
from psycopg.errors import CheckViolation
from psycopg_pool import ConnectionPool

NO_SERVER = (
    "set DATABASE_URL to the address of a PostgreSQL server, such as "
    "postgres://postgres@127.0.0.1/postgres; to start one: docker run --rm "
    "-p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres"
)

ADD = "UPDATE account SET balance = balance + %s WHERE owner = %s"


def pay(conn: psycopg.Connection, amount: int) -> None:
    with conn.transaction():  # Commits at its end, rolls back after an exception.
        conn.execute(ADD, (amount, "Bob"))
        conn.execute(ADD, (-amount, "Ada"))


def balances(conn: psycopg.Connection) -> str:
    rows = conn.execute("SELECT owner, balance FROM account ORDER BY owner")
    return ", ".join(f"{owner} has {balance}" for owner, balance in rows)


def main() -> None:
    url = os.environ.get("DATABASE_URL") or sys.exit(NO_SERVER)
    # Without autocommit the first statement would begin a transaction by itself.
    settings = {"autocommit": True}
    with (
        ConnectionPool(url, min_size=1, max_size=1, kwargs=settings) as pool,
        pool.connection() as conn,
    ):
        conn.execute(
            "CREATE TEMP TABLE account (owner TEXT, balance INT CHECK (balance >= 0))"
        )
        conn.execute("INSERT INTO account VALUES ('Ada', 100), ('Bob', 0)")
        pay(conn, 30)
        print(f"paid 30: {balances(conn)}")
        try:
            pay(conn, 100)
        except CheckViolation:
            print(f"100 is more than Ada has: rolled back, {balances(conn)}")


main()
