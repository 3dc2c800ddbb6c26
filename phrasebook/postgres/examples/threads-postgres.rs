//! PostgreSQL from threads: a connection pool that is smaller than the number of threads.
//!
//! - **Python:** `psycopg` (3) with `psycopg_pool.ConnectionPool(url, max_size=n)`,
//!   `pool.connection()`, `pool.getconn(timeout)`, `PoolTimeout`; `psycopg2` with
//!   `ThreadedConnectionPool`, which does not wait
//! - **Rust:** `Client` of the crate postgres in a `Pool` of r2d2: `pool.get()` waits up to
//!   30 s, as in psycopg_pool; `pool.get_timeout(limit)`
//! - **Needs:** a PostgreSQL server, its address in `DATABASE_URL`; `cargo add postgres`,
//!   `cargo add r2d2_postgres`
//!
//! ```console
//! $ cargo run --example threads-postgres
//! 6 threads share 2 connections: 1 4 9 16 25 36
//! both connections are in use: no third one within 100 ms
//! trap: the connection taken in the head of `for` is in use through its body
//! ```
//!
//! **Trap:** a connection that is taken in the head of a `for` or `match` goes back to the
//! pool only after its body. And threads cannot share one `Client`: a query needs `&mut`
//! (E0499). Threads that share a connection of psycopg take turns: a `Mutex<Client>`.
//!
//! Neighbours: `postgres-transaction`, `async-postgres-pool`, `threads-lock`,
//! `serialize-iterator`.

use std::time::Duration;
use std::{env, error::Error, thread};

use r2d2_postgres::PostgresConnectionManager as Manager;
use r2d2_postgres::postgres::{Config, NoTls};
use r2d2_postgres::r2d2::Pool;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const NO_SERVER: &str = "set DATABASE_URL to the address of a PostgreSQL server, such as \
    postgres://postgres@127.0.0.1/postgres; to start one: docker run --rm \
    -p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres";

fn square(pool: &Pool<Manager<NoTls>>, number: i32) -> Result<i32> {
    let mut client = pool.get()?; // Waits until a connection is free.
    let row = client.query_one("SELECT $1::INT * $1", &[&number])?;
    Ok(row.try_get(0)?)
} // The connection goes back to the pool.

fn main() -> Result<()> {
    let url = env::var("DATABASE_URL").map_err(|_| NO_SERVER)?;
    let config: Config = url.parse()?;
    let pool = Pool::builder()
        .max_size(2)
        .build(Manager::new(config, NoTls))?;

    let squares: Vec<_> = thread::scope(|scope| {
        let pool = &pool;
        let threads: Vec<_> = (1..=6)
            .map(|number| scope.spawn(move || square(pool, number)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("`square` does not panic"))
            .collect()
    });
    print!("6 threads share {} connections:", pool.max_size());
    for square in squares {
        print!(" {}", square?);
    }
    println!();

    // let mut client = Client::connect(&url, NoTls)?;
    // thread::scope(|scope| {
    //     for _ in 0..2 {
    //         scope.spawn(|| client.query_one("SELECT 1", &[]));
    //     }
    // });
    // error[E0499]: cannot borrow `client` as mutable more than once at a time

    let both = [pool.get()?, pool.get()?];
    if pool.get_timeout(Duration::from_millis(100)).is_err() {
        println!("both connections are in use: no third one within 100 ms");
    }
    drop(both);

    // Wrong: `pool.get()` is part of the head. Right: `let rows = pool.get()?.query(..)?;`
    for _row in pool.get()?.query("SELECT 'a row'", &[])? {
        if pool.state().idle_connections == 1 {
            println!(
                "trap: the connection taken in the head of `for` is in use through its body"
            );
        }
    }
    Ok(())
}
