//! Call one function for many items, and take the results in whatever order they come.
//!
//! - **Python:** `multiprocessing.Pool().imap_unordered(f, items)`
//! - **Rust:** `submit` each, and `as_completed`, which says of which item a result is
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example imap-unordered
//! cake: 55 minutes
//! bread: 40 minutes
//! trap: zipped with the dishes: bread: 55 minutes
//! trap: zipped with the dishes: cake: 40 minutes
//! ```
//!
//! **Trap:** results that come in another order must not be zipped with their items. Here
//! the index says which belong together; Python's function returns the item too.
//!
//! Neighbours: `processes-map`, `processes-as-completed`.

use std::io;
use std::net::{TcpListener, TcpStream};

use process_pool::{ProcessPool, as_completed};

/// The bread has to wait until the oven's door opens.
fn bake((dish, oven): (String, u16)) -> u32 {
    if dish != "bread" {
        return 55;
    }
    let door = TcpStream::connect(("127.0.0.1", oven)).and_then(io::read_to_string);
    door.map_or(0, |_| 40)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(bake).enter();
    let oven = TcpListener::bind("127.0.0.1:0")?;
    let port = oven.local_addr()?.port();
    let pool = ProcessPool::builder().max_workers(2).build()?;

    let dishes = ["bread", "cake"];
    let submit = |dish: &str| pool.submit(bake, (dish.to_owned(), port));
    let mut in_this_order = Vec::new();
    for (index, minutes) in as_completed([submit("bread"), submit("cake")]) {
        let minutes = minutes?;
        println!("{}: {minutes} minutes", dishes[index]);
        in_this_order.push(minutes);
        if dishes[index] == "cake" {
            drop(oven.accept()?); // Only now the bread may go on.
        }
    }

    // Wrong: pairs each dish with the time of another.
    for (dish, minutes) in dishes.iter().zip(in_this_order) {
        println!("trap: zipped with the dishes: {dish}: {minutes} minutes");
    }
    Ok(())
}
