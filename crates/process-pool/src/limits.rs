//! The limits of this crate.

/// The most workers a pool may have.
pub const MAX_WORKERS: usize = 16_384;

/// How deep pools may be nested. A worker at this depth cannot build a pool.
pub const MAX_DEPTH: u32 = 10;
