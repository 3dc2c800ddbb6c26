//! Query cancellation: a timeout drops the future, but the server runs the query on.
//!
//! - **Python:** `asyncio.timeout` or `Task.cancel` around a query of `asyncpg`,
//!   `conn.execute(sql, timeout=...)`; `Connection.cancel_safe` of `psycopg`
//! - **Rust:** `client.cancel_token()`, and at the limit `cancel_query(NoTls).await`; or the
//!   setting `statement_timeout` of the server. In the crate postgres `cancel_query` is for
//!   another thread
//! - **Needs:** a PostgreSQL server, its address in `DATABASE_URL`;
//!   `cargo add tokio -F macros,rt-multi-thread,time`, `cargo add tokio-postgres`
//!
//! ```console
//! $ cargo run --example async-postgres-cancel
//! statement_timeout: the server ended the query
//! cancel request: the server ended the query
//! trap: the timeout dropped the future, the server still runs the query
//! ```
//!
//! **Trap:** `timeout`, `select!` and `abort` drop the future of a query, and the server is
//! not asked to stop it. asyncpg sends a cancel request when its task is cancelled. Send
//! one yourself, await the query, and drop the client: a request that arrives late ends the
//! next query of its connection.
//!
//! Neighbours: `async-postgres`, `async-postgres-pool`, `timeout`, `task-cancel`.

use std::time::Duration;
use std::{env, error::Error, pin::pin};

use tokio::time::{sleep, timeout};
use tokio_postgres::{Client, NoTls, error::SqlState};

const NO_SERVER: &str = "set DATABASE_URL to the address of a PostgreSQL server, such as \
    postgres://postgres@127.0.0.1/postgres; to start one: docker run --rm \
    -p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres";

const SLOW: &str = "SELECT pg_sleep(60)";

/// Gives a client, and the number of its connection at the server.
async fn connect(url: &str) -> Result<(Client, i32), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            eprintln!("connection: {error}");
        }
    });
    let row = client.query_one("SELECT pg_backend_pid()", &[]).await?;
    let pid = row.try_get(0)?;
    Ok((client, pid))
}

/// Waits until a connection's query runs, as another connection sees it.
async fn until_running(observer: &Client, pid: i32) -> Result<(), tokio_postgres::Error> {
    let count =
        "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active'";
    while observer.query_one(count, &[&pid]).await?.get::<_, i64>(0) == 0 {
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

fn is_cancelled(answer: Result<(), tokio_postgres::Error>) -> bool {
    answer.is_err_and(|error| error.code() == Some(&SqlState::QUERY_CANCELED))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("DATABASE_URL").map_err(|_| NO_SERVER)?;
    let (observer, _) = connect(&url).await?;
    let (client, pid) = connect(&url).await?;

    let limit = "SET statement_timeout = '100ms'";
    client.batch_execute(limit).await?;
    if is_cancelled(client.batch_execute(SLOW).await) {
        println!("statement_timeout: the server ended the query");
    }
    client.batch_execute("RESET statement_timeout").await?;

    let mut query = pin!(client.batch_execute(SLOW));
    let answer = tokio::select! {
        answer = &mut query => answer,
        // Your limit; here it is over when the query runs.
        running = until_running(&observer, pid) => {
            running?;
            // Through a connection of its own.
            client.cancel_token().cancel_query(NoTls).await?;
            query.await
        }
    };
    if is_cancelled(answer) {
        println!("cancel request: the server ended the query");
    }

    // Wrong, if this is meant to end the query.
    let (client, pid) = connect(&url).await?;
    let limit = Duration::from_millis(100);
    if timeout(limit, client.batch_execute(SLOW)).await.is_err() {
        until_running(&observer, pid).await?;
        println!("trap: the timeout dropped the future, the server still runs the query");
        client.cancel_token().cancel_query(NoTls).await?; // Or it runs for a minute.
    }
    Ok(())
}
