//! `select!` in a loop: lose nothing that an unfinished future has already taken.
//!
//! - **Python:** `asyncio.wait({pair, bell}, return_when=FIRST_COMPLETED)` in a loop
//! - **Rust:** `select!` in a loop, with the longer future made and pinned before the
//!   loop
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example select-loses-data
//! the bell rings
//! a pair: left and right
//! trap: the first left shoe is lost, a pair: right and left
//! ```
//!
//! **Trap:** `select!` drops the other futures, with everything that they hold. A future
//! that is made anew in each iteration starts again, and what it had taken is lost.
//! `asyncio.wait` keeps its tasks.
//!
//! Neighbours: `readline`, `readexactly`, `async-wait-first-completed`.

use tokio::sync::mpsc::{Receiver, channel};

type Shoe = &'static str;

/// Two steps: after the first step it holds a shoe.
async fn pair(shoes: &mut Receiver<Shoe>) -> Option<(Shoe, Shoe)> {
    Some((shoes.recv().await?, shoes.recv().await?))
}

#[tokio::main]
async fn main() {
    let (cobbler, mut shoes) = channel(8);
    let (button, mut bell) = channel(1);

    cobbler.send("left").await.unwrap();
    button.send(()).await.unwrap();
    let mut next_pair = Box::pin(pair(&mut shoes));
    let found = loop {
        tokio::select! {
            biased; // The branches are polled in this order.
            found = &mut next_pair => break found,
            // It rings while `next_pair` holds the left shoe.
            Some(()) = bell.recv() => {
                println!("the bell rings");
                cobbler.send("right").await.unwrap();
            }
        }
    };
    drop(next_pair); // It borrows `shoes`, which is used again below.
    let (left, right) = found.unwrap();
    println!("a pair: {left} and {right}");

    cobbler.send("left").await.unwrap();
    button.send(()).await.unwrap();
    let found = loop {
        tokio::select! {
            biased;
            // Wrong: a new future in each iteration. The first one held the left shoe.
            found = pair(&mut shoes) => break found,
            Some(()) = bell.recv() => {
                cobbler.send("right").await.unwrap();
                cobbler.send("left").await.unwrap(); // Of the next pair.
            }
        }
    };
    let (left, right) = found.unwrap();
    println!("trap: the first left shoe is lost, a pair: {left} and {right}");
}
