//! What it means: intervals, ratios, the verdict, and where curves cross.

pub mod comparison;
pub mod results;
pub mod sweep;
pub mod timelines;
pub mod verdict;
