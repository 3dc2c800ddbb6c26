//! What was found out: comparisons and what to take, growth, timelines, and their provenance.

pub mod comparison;
pub mod decision;
pub mod provenance;
pub mod sweep;
pub mod timelines;
pub mod trace;
