//! `pickle` for worker processes: send values of your own types, and get others back.
//!
//! - **Python:** `pickle`, which takes nearly everything, such as a `@dataclass`;
//!   `PicklingError`
//! - **Rust:** serde: `#[derive(Serialize, Deserialize)]`, checked by the compiler;
//!   `Error::Serialize`
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`, `cargo add serde -F derive`
//!
//! ```console
//! $ cargo run --example processes-pickle
//! 3 loaves of rye: 120 minutes
//! trap: Some(None): the argument cannot be serialized
//! ```
//!
//! **Trap:** the pool refuses `Some(None)` and `Some(())`, which compile. In its format,
//! MessagePack, they would arrive as `None`. Only that task fails. Use an enum of your
//! own instead.
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

/// `None` leaves the number as it is, `Some(None)` deletes it. Wrong: the pool does not
/// send `Some(None)`.
type Change = Option<Option<u32>>;

fn apply(change: Change) -> Option<u32> {
    change.unwrap_or(Some(3))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let entry = process_pool::worker_entry();
    entry.function(plan).function(apply).enter();
    let pool = ProcessPool::builder().max_workers(1).build()?;

    let flour = "rye".to_owned();
    let planned = pool.submit(plan, Order { flour, loaves: 3 }).join()?;
    let Order { flour, loaves } = planned.order;
    println!("{loaves} loaves of {flour}: {} minutes", planned.minutes);

    let applied = pool.submit(apply, Some(None)).join();
    if let Err(Error::Serialize { value, .. }) = applied {
        println!("trap: Some(None): the {value} cannot be serialized");
    }
    Ok(())
}
