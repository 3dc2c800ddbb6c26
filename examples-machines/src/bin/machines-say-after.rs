//! Wait and say on any number of machines, which take sayings from a queue.
//!
//! In Python: Dask's `client.submit(say_after, 1, "hello")`, or Celery's `say_after.delay(...)`.
//!
//! ```console
//! $ cargo run --bin machines-say-after
//! hello
//! world
//! ```
//!
//! Siblings: `processes-say-after` has its workers on this machine, without a queue;
//! `sequential-say-after` is the loop; `threads-say-after` sleeps in threads;
//! `async-gather`, `async-gather-tasks` and `async-task-group` wait in tasks.
//!
//! Without `--server` this starts a server and workers of its own. To use several
//! machines: `--server nats://HOST:4222` here, and `--worker --server nats://HOST:4222`
//! on each of them.

use std::thread::sleep;

use job_queue::{JobQueue, worker_entry};
use workloads::{Exit, SayAfterOptions, SayError, Saying, Settings, say};

#[tracing::instrument(ret, err)] // for `--trace`
fn say_after(Saying { delay, what }: Saying) -> Result<(), SayError> {
    sleep(delay);
    say!("{}", what?);
    Ok(())
}

fn main() -> anyhow::Result<Exit> {
    // A worker is this program, started again, here or on another machine. In a worker this
    // runs the calls and never returns; in the program itself it does nothing.
    worker_entry(say_after)
        .check(SayAfterOptions::check)
        .initializer(Settings::adopt)
        .enter();

    let (options, machines): (_, job_queue::QueueOptions) =
        SayAfterOptions::parse_with_server("client.gather(client.map(say_after, ...))");
    let settings = Settings::for_workers_at(machines.server.as_deref());
    let queue = JobQueue::builder(machines)
        .max_workers(options.max_workers(200))
        .settings(settings)
        .open()?;
    let results = queue.map(say_after, options.sayings())?;
    // Two things can fail: the saying, and its worker, which may be lost.
    Ok(options.report(results.map(|result| anyhow::Ok(result??))))
}
