//! Database transaction: `commit` it, or it is rolled back.
//!
//! - **Python:** `conn.transaction()`, `conn.commit()`, `conn.rollback()` of `psycopg`;
//!   `with conn` of `psycopg2` and `sqlite3`
//! - **Rust:** `client.transaction()?` of the crate postgres, then `commit()?`; dropping it
//!   rolls back. tokio-postgres has the same, with `.await`. Without a transaction each
//!   statement commits itself: `autocommit=True` in Python
//! - **Needs:** a PostgreSQL server, its address in `DATABASE_URL`; `cargo add postgres`,
//!   `cargo add r2d2_postgres`
//!
//! ```console
//! $ cargo run --example postgres-transaction
//! paid 30: Ada has 70, Bob has 30
//! 100 is more than Ada has: rolled back, Ada has 70, Bob has 30
//! trap: no `commit()`: the transaction is rolled back when it is dropped
//! trap: `BEGIN` by hand: the pool hands on the connection inside the open transaction
//! ```
//!
//! **Trap:** the end of a scope rolls back, the end of Python's `with` block commits. After
//! `BEGIN` by hand, an early `?` gives the connection back with its transaction open. r2d2
//! and deadpool leave it open, psycopg_pool rolls it back. An error's `{}` is only
//! "db error": its message is in `as_db_error()`.
//!
//! Neighbours: `threads-postgres`, `async-postgres`.

use std::{env, error::Error};

use r2d2_postgres::PostgresConnectionManager as Manager;
use r2d2_postgres::postgres::{self, Client, Config, NoTls, error::SqlState};
use r2d2_postgres::r2d2::Pool;

const NO_SERVER: &str = "set DATABASE_URL to the address of a PostgreSQL server, such as \
    postgres://postgres@127.0.0.1/postgres; to start one: docker run --rm \
    -p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres";

const ADD: &str = "UPDATE account SET balance = balance + $2 WHERE owner = $1";

fn pay(client: &mut Client, amount: i32) -> Result<(), postgres::Error> {
    let mut transaction = client.transaction()?;
    transaction.execute(ADD, &[&"Bob", &amount])?;
    transaction.execute(ADD, &[&"Ada", &-amount])?; // Rolls back if this fails.
    transaction.commit()
}

fn balances(client: &mut Client) -> Result<String, postgres::Error> {
    let query = "SELECT string_agg(owner || ' has ' || balance, ', ' ORDER BY owner) \
        FROM account";
    client.query_one(query, &[])?.try_get(0)
}

fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("DATABASE_URL").map_err(|_| NO_SERVER)?;
    let config: Config = url.parse()?;
    let pool = Pool::builder()
        .max_size(1)
        .build(Manager::new(config, NoTls))?;

    let mut client = pool.get()?;
    client.batch_execute(
        "CREATE TEMP TABLE account (owner TEXT, balance INT CHECK (balance >= 0));
         INSERT INTO account VALUES ('Ada', 100), ('Bob', 0)",
    )?;
    pay(&mut client, 30)?;
    println!("paid 30: {}", balances(&mut client)?);
    if let Err(error) = pay(&mut client, 100)
        && error.code() == Some(&SqlState::CHECK_VIOLATION)
    {
        let balances = balances(&mut client)?;
        println!("100 is more than Ada has: rolled back, {balances}");
    }

    {
        let mut transaction = client.transaction()?;
        transaction.execute("DELETE FROM account", &[])?;
    } // Wrong, if this is meant to commit.
    if balances(&mut client)? == "Ada has 70, Bob has 30" {
        println!(
            "trap: no `commit()`: the transaction is rolled back when it is dropped"
        );
    }

    client.batch_execute("BEGIN")?;
    client.execute("DELETE FROM account", &[])?;
    drop(client); // Wrong: as an early `?` does it.
    let mut next = pool.get()?;
    let query = "SELECT txid_current_if_assigned() IS NOT NULL";
    if next.query_one(query, &[])?.try_get(0)? {
        println!(
            "trap: `BEGIN` by hand: the pool hands on the connection inside the open \
             transaction"
        );
    }
    Ok(())
}
