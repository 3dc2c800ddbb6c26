//! Do two things in turn, whichever is ready, and lose nothing that has been begun.
//!
//! - **Python:** `asyncio.wait({pair, bell}, return_when=FIRST_COMPLETED)` in a loop
//! - **Rust:** `select!` in a loop, with the longer future pinned outside of it
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example select-loses-data
//! the bell rings
//! a pair: left and right
//! trap: a pair: right and left
//! ```
//!
//! **Trap:** `select!` drops the futures that lost, with all they hold. Made anew in each
//! round, a future of several steps starts again at the first. `asyncio.wait` keeps its
//! tasks.
//!
//! Neighbours: `readline`, `readexactly`, `async-wait-first-completed`.

use tokio::sync::mpsc::{Receiver, channel};

type Shoe = &'static str;

/// Two steps: after the first one it holds a shoe.
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
            biased; // From the top, so that it goes the same way each time.
            found = &mut next_pair => break found,
            Some(()) = bell.recv() => {
                println!("the bell rings");
                cobbler.send("right").await.unwrap();
            }
        }
    };
    drop(next_pair); // It has borrowed the shoes.
    let (left, right) = found.unwrap();
    println!("a pair: {left} and {right}");

    cobbler.send("left").await.unwrap();
    button.send(()).await.unwrap();
    let found = loop {
        tokio::select! {
            biased;
            // Wrong: another one each time round. The left shoe went with the first.
            found = pair(&mut shoes) => break found,
            Some(()) = bell.recv() => {
                cobbler.send("right").await.unwrap();
                cobbler.send("left").await.unwrap(); // Of the next pair.
            }
        }
    };
    let (left, right) = found.unwrap();
    println!("trap: a pair: {left} and {right}");
}
