//! Connection pool for tasks: fewer connections than tasks.
//!
//! - **Python:** `asyncpg.create_pool(url, max_size=n)`, `async with pool.acquire()`,
//!   `pool.acquire(timeout=...)`; `AsyncConnectionPool` of `psycopg_pool`
//! - **Rust:** `Pool` of deadpool-postgres: `pool.get().await` gives a `Client` of
//!   tokio-postgres, its connection spawned; a limit: `timeout(limit, pool.get())`
//! - **Needs:** a PostgreSQL server, its address in `DATABASE_URL`;
//!   `cargo add deadpool-postgres`, `cargo add tokio -F macros,rt-multi-thread,time`
//!
//! ```console
//! $ cargo run --example async-postgres-pool
//! 6 tasks share 2 connections: 1 4 9 16 25 36
//! both connections are in use: no third one within 100 ms
//! the next task gets a clean session
//! trap: the next task gets the time zone that the task before has set
//! trap: the next task gets a connection that is busy with a dropped query
//! ```
//!
//! **Trap:** by default deadpool resets nothing: settings and locks stay. `Clean` resets them,
//! as asyncpg does; but it ends no transaction that was begun by hand. A query with a dropped
//! future still runs, and the next task waits for it: send a cancel request.
//!
//! Neighbours: `async-postgres`, `async-postgres-cancel`, `threads-postgres`,
//! `async-semaphore`.

use std::time::Duration;
use std::{env, error::Error};

use deadpool_postgres::tokio_postgres::{Config, NoTls};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio::time::timeout;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const NO_SERVER: &str = "set DATABASE_URL to the address of a PostgreSQL server, such as \
    postgres://postgres@127.0.0.1/postgres; to start one: docker run --rm \
    -p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres";

const LIMIT: Duration = Duration::from_millis(100);

fn new_pool(config: &Config, max_size: usize, method: RecyclingMethod) -> Result<Pool> {
    let settings = ManagerConfig {
        recycling_method: method,
    };
    let manager = Manager::from_config(config.clone(), NoTls, settings);
    Ok(Pool::builder(manager).max_size(max_size).build()?)
}

async fn square(pool: Pool, number: i32) -> Result<i32> {
    let client = pool.get().await?; // Waits until a connection is free.
    let row = client.query_one("SELECT $1::INT * $1", &[&number]).await?;
    Ok(row.try_get(0)?)
} // The connection goes back to the pool.

/// Sets the time zone in a session, and asks for it in the next one.
async fn is_reset(pool: &Pool) -> Result<bool> {
    let client = pool.get().await?;
    client.batch_execute("SET TIME ZONE 'Asia/Tokyo'").await?;
    drop(client);
    let client = pool.get().await?;
    let row = client.query_one("SHOW TIME ZONE", &[]).await?;
    Ok(row.try_get::<_, &str>(0)? != "Asia/Tokyo")
}

#[tokio::main]
async fn main() -> Result<()> {
    let url = env::var("DATABASE_URL").map_err(|_| NO_SERVER)?;
    let config: Config = url.parse()?;
    let pool = new_pool(&config, 2, RecyclingMethod::Clean)?;

    let tasks: Vec<_> = (1..=6)
        .map(|number| tokio::spawn(square(pool.clone(), number)))
        .collect();
    let mut squares = Vec::new();
    for task in tasks {
        squares.push(task.await??.to_string());
    }
    println!("6 tasks share 2 connections: {}", squares.join(" "));

    let _both = [pool.get().await?, pool.get().await?];
    if timeout(LIMIT, pool.get()).await.is_err() {
        println!("both connections are in use: no third one within 100 ms");
    }

    let clean = new_pool(&config, 1, RecyclingMethod::Clean)?;
    if is_reset(&clean).await? {
        println!("the next task gets a clean session");
    }

    // Wrong: `Fast`, the default, only looks whether the connection is open.
    let fast = new_pool(&config, 1, RecyclingMethod::Fast)?;
    if !is_reset(&fast).await? {
        println!("trap: the next task gets the time zone that the task before has set");
    }
    let client = fast.get().await?;
    let token = client.cancel_token();
    let _ = timeout(LIMIT, client.batch_execute("SELECT pg_sleep(60)")).await;
    drop(client); // Wrong: the query still runs.
    let client = fast.get().await?;
    if timeout(LIMIT, client.batch_execute("SELECT 1"))
        .await
        .is_err()
    {
        println!(
            "trap: the next task gets a connection that is busy with a dropped query"
        );
    }
    token.cancel_query(NoTls).await?;
    Ok(())
}
