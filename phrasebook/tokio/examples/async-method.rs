//! Async method of a trait: an abstract async method, and a list of several types.
//!
//! - **Python:** `@abc.abstractmethod` above `async def price(self)`; `typing.Protocol`
//! - **Rust:** a method that returns `impl Future + Send`, written as `async fn` in the
//!   `impl`. For `dyn`, a method that returns a boxed future; the crate async-trait writes
//!   it for you
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread`
//!
//! ```console
//! $ cargo run --example async-method
//! a generic function: the stall wants 3
//! a task: the cafe wants 5
//! a list: [3, 5]
//! ```
//!
//! **Trap:** a trait with an `async fn` is not dyn-compatible: `Box<dyn Shop>` is E0038.
//! An `async fn` in the trait itself promises no `Send`, so that a generic function cannot
//! spawn it: "cannot be sent between threads safely".
//!
//! Neighbours: `async-recursion`, `async-shared-state`, `async-with`.

use std::pin::Pin;

use tokio::task::{JoinError, JoinHandle, yield_now};

trait Shop {
    // As `async fn price(&self) -> u32;`, but it also promises that the future is `Send`.
    fn price(&self) -> impl Future<Output = u32> + Send;
}

struct Stall;
struct Cafe;

impl Shop for Stall {
    async fn price(&self) -> u32 {
        yield_now().await; // Asking takes time.
        3
    }
}

impl Shop for Cafe {
    async fn price(&self) -> u32 {
        yield_now().await;
        5
    }
}

/// For each type of shop, rustc makes another function: the futures differ in size.
async fn ask(name: &str, shop: impl Shop) -> String {
    format!("the {name} wants {}", shop.price().await)
}

/// A generic function that spawns: it needs the `Send` in the trait's method.
fn ask_in_task(
    name: &'static str,
    shop: impl Shop + Send + Sync + 'static,
) -> JoinHandle<String> {
    tokio::spawn(ask(name, shop))
}

/// A shop of a type that is known only when the program runs: all boxes have one size.
trait AnyShop {
    fn price_boxed(&self) -> Pin<Box<dyn Future<Output = u32> + Send + '_>>;
}

impl<T: Shop> AnyShop for T {
    fn price_boxed(&self) -> Pin<Box<dyn Future<Output = u32> + Send + '_>> {
        Box::pin(self.price())
    }
}

#[tokio::main]
async fn main() -> Result<(), JoinError> {
    println!("a generic function: {}", ask("stall", Stall).await);

    println!("a task: {}", ask_in_task("cafe", Cafe).await?);

    // error[E0038]: the trait `Shop` is not dyn compatible
    // let shops: [Box<dyn Shop>; 2] = [Box::new(Stall), Box::new(Cafe)];
    let shops: [Box<dyn AnyShop>; 2] = [Box::new(Stall), Box::new(Cafe)];
    let mut prices = Vec::new();
    for shop in &shops {
        prices.push(shop.price_boxed().await);
    }
    println!("a list: {prices:?}");
    Ok(())
}
