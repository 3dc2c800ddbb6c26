#![doc = include_str!("../README.md")]

mod error;
mod guard;
mod interrupt;
mod memory;
mod orphans;
mod race;
mod results;
mod run;
/// Medians and intervals.
pub mod stats;

pub use error::RunError;
pub use guard::run_guard_if_asked;
pub use interrupt::Interrupt;
pub use memory::MEANING as MEANING_OF_MEMORY;
pub use race::{Check, CommandLine, Limit, Race, Racer, Step};
pub use results::{Entrant, MARGIN, Ratio, Results, Run, SelfPair, Standing};
pub use run::{Runner, Usage};
