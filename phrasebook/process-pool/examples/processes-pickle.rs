//! Send values of one's own types to a worker process, and get others back.
//!
//! - **Python:** `pickle`, which takes nearly everything, such as a `@dataclass`
//! - **Rust:** serde: `#[derive(Serialize, Deserialize)]`, checked by the compiler
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`, `cargo add serde -F derive`
//!
//! ```console
//! $ cargo run --example processes-pickle
//! 3 loaves of rye: 120 minutes
//! trap: untagged: the argument did not arrive
//! ```
//!
//! **Trap:** what compiles may still not arrive. The pool's format has no names in it, so
//! serde's `untagged`, `flatten` and `skip_serializing_if`, which rely on them, do not
//! work. Such a task fails alone, and the worker lives on.
//!
//! Neighbours: `processes-submit`, `main-guard`.

use process_pool::{Error, ProcessPool};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Order {
    flour: String,
    loaves: u32,
}

#[derive(Serialize, Deserialize)]
struct Plan {
    order: Order,
    minutes: u32,
}

fn plan(order: Order) -> Plan {
    let minutes = order.loaves * 40;
    Plan { order, minutes }
}

/// Wrong: nothing in the bytes says that this is an order.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Message {
    Order(Order),
}

fn read(Message::Order(order): Message) -> Plan {
    plan(order)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let entry = process_pool::worker_entry();
    entry.function(plan).function(read).enter();
    let pool = ProcessPool::builder().max_workers(1).build()?;

    let flour = "rye".to_owned();
    let planned = pool.submit(plan, Order { flour, loaves: 3 })?.join()?;
    let Order { flour, loaves } = planned.order;
    println!("{loaves} loaves of {flour}: {} minutes", planned.minutes);

    let order = Order { flour, loaves: 1 };
    let read = pool.submit(read, Message::Order(order))?.join();
    if let Err(Error::Serialize { value, .. }) = read {
        println!("trap: untagged: the {value} did not arrive");
    }
    Ok(())
}
