//! Start everything first and wait for it afterwards, where an iterator would do neither.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items)`, which starts at once
//! - **Rust:** `map` of an iterator starts nothing: `collect` the handles, then join them
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example lazy-map
//! bread: in the oven
//! cake: in the oven
//! bread: 40 minutes
//! cake: 55 minutes
//! trap: bread: in the oven
//! trap: bread: 40 minutes
//! trap: cake: in the oven
//! trap: cake: 55 minutes
//! trap: mapped and not driven: 0 in the oven
//! ```
//!
//! **Trap:** iterators, rayon's too, are lazy. Without the `collect` between them, spawn
//! and join take turns, and the threads run one after the other. With neither nothing
//! runs.
//!
//! Neighbours: `threads-map`, `processes-map-buffersize`, `threads-submit`.

use std::thread;

fn bake(dish: &str) -> u32 {
    if dish == "bread" { 40 } else { 55 }
}

fn main() {
    let dishes = ["bread", "cake"].into_iter();
    thread::scope(|scope| {
        let handles = dishes.clone().map(|dish| {
            println!("{dish}: in the oven");
            (dish, scope.spawn(move || bake(dish)))
        });
        let handles: Vec<_> = handles.collect();
        for (dish, handle) in handles {
            println!("{dish}: {} minutes", handle.join().expect("a cook"));
        }

        // Wrong: the loop asks for a thread and waits for it, and only then for the next.
        let handles = dishes.clone().map(|dish| {
            println!("trap: {dish}: in the oven");
            (dish, scope.spawn(move || bake(dish)))
        });
        for (dish, handle) in handles {
            println!("trap: {dish}: {} minutes", handle.join().expect("a cook"));
        }

        // Wrong: nobody asks for anything.
        let mut in_the_oven = 0;
        let _ = dishes.map(|dish| {
            in_the_oven += 1;
            scope.spawn(move || bake(dish))
        });
        println!("trap: mapped and not driven: {in_the_oven} in the oven");
    });
}
