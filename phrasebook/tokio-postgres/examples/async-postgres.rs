//! PostgreSQL from tasks: one connection, which pipelines their queries.
//!
//! - **Python:** `asyncpg.connect(url)`, `conn.fetchval`, `conn.transaction()`,
//!   `asyncpg.InterfaceError`: "another operation is in progress"; `AsyncConnection` and
//!   `Connection.pipeline` of `psycopg`
//! - **Rust:** `tokio_postgres::connect` gives a `Client` and a connection to spawn. Tasks
//!   share the `Client` in an `Arc`, and each sends without waiting for earlier answers.
//!   `transaction()` needs `&mut Client`
//! - **Needs:** a PostgreSQL server, its address in `DATABASE_URL`;
//!   `cargo add tokio -F macros,rt-multi-thread,time`, `cargo add tokio-postgres`
//!
//! ```console
//! $ cargo run --example async-postgres
//! committed: Ada has 70
//! 5 tasks share one connection: 1 4 9 16 25
//! two queries at the same time: pipelined
//! trap: the quick query behind the slow one had to wait for it
//! trap: the connection is not spawned: a query gets no answer
//! ```
//!
//! In Python: `two queries at the same time: another operation is in progress` for `two
//! queries at the same time: pipelined`.
//!
//! **Trap:** the connection is a future that does the work: spawn it, or queries wait for
//! ever. The server answers the queries of a connection in their order, so a slow one
//! delays all that follow. With a pool it does not.
//!
//! Neighbours: `async-postgres-pool`, `async-postgres-cancel`, `postgres-transaction`,
//! `lazy-futures`.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, error::Error};

use tokio::time::timeout;
use tokio_postgres::{Client, NoTls};

const NO_SERVER: &str = "set DATABASE_URL to the address of a PostgreSQL server, such as \
    postgres://postgres@127.0.0.1/postgres; to start one: docker run --rm \
    -p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres";

async fn square(client: Arc<Client>, number: i32) -> Result<i32, tokio_postgres::Error> {
    let row = client.query_one("SELECT $1::INT * $1", &[&number]).await?;
    row.try_get(0)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("DATABASE_URL").map_err(|_| NO_SERVER)?;
    let (mut client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            eprintln!("connection: {error}");
        }
    });

    let transaction = client.transaction().await?;
    let create = "CREATE TEMP TABLE account AS SELECT 'Ada' AS owner, 70 AS balance";
    transaction.batch_execute(create).await?;
    transaction.commit().await?; // Without this it is rolled back.
    let row = client.query_one("SELECT balance FROM account", &[]).await?;
    println!("committed: Ada has {}", row.try_get::<_, i32>(0)?);

    let client = Arc::new(client);
    // client.transaction().await?;
    // error[E0596]: cannot borrow data in an `Arc` as mutable
    let tasks: Vec<_> = (1..=5)
        .map(|number| tokio::spawn(square(client.clone(), number)))
        .collect();
    let mut squares = Vec::new();
    for task in tasks {
        squares.push(task.await??.to_string());
    }
    println!("5 tasks share one connection: {}", squares.join(" "));

    let answers = Mutex::new(Vec::new());
    let slow = async {
        client.batch_execute("SELECT pg_sleep(0.2)").await?;
        answers.lock().unwrap().push("slow");
        Ok::<_, tokio_postgres::Error>(())
    };
    let quick = async {
        client.batch_execute("SELECT 1").await?;
        answers.lock().unwrap().push("quick");
        Ok(())
    };
    tokio::try_join!(biased; slow, quick)?; // Sends the slow one first.
    println!("two queries at the same time: pipelined");
    if answers.into_inner()? == ["slow", "quick"] {
        println!("trap: the quick query behind the slow one had to wait for it");
    }

    // Wrong: nothing polls the connection.
    let (client, _connection) = tokio_postgres::connect(&url, NoTls).await?;
    let answer = timeout(Duration::from_millis(100), client.batch_execute("SELECT 1"));
    if answer.await.is_err() {
        println!("trap: the connection is not spawned: a query gets no answer");
    }
    Ok(())
}
