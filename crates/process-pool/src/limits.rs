//! How much there may be of everything.

/// The most workers a pool may have.
pub const MAX_WORKERS: usize = 16_384;

/// How deep pools may be nested: a worker at this depth cannot build one.
pub const MAX_DEPTH: u32 = 10;
