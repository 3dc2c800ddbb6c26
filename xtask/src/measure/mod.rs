//! What it takes: programs run to their end, in rounds, watched and timed.

pub mod export;
pub mod guard;
pub mod hyperfine;
pub mod interrupt;
pub mod machine;
pub mod memory;
#[cfg(unix)]
pub mod orphans;
pub mod parity;
pub mod process;
pub mod race;
pub mod trace;
