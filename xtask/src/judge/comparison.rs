//! All that one `cargo xtask compare` found out.

use serde::{Deserialize, Serialize};

use crate::judge::results::Results;
use crate::judge::verdict::Row;
use crate::measure::machine::Machine;

/// The file that holds it, in the output folder.
pub const FILE: &str = "compare.json";

#[derive(Serialize, Deserialize)]
pub struct Comparison {
    pub machine: Machine,
    pub races: Vec<Results>,
    /// What follows from them.
    pub verdict: Vec<Row>,
}
