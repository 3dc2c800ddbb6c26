//! The pool, tried with real processes, real signals and real deaths.
//!
//! One program for all of it: the workers of these tests are this very program, started by
//! the test harness as its test `worker`. The contract's rows and the tests that prove them
//! are in `contract.rs`. Where a test needs signals, shells or `/proc` it is for Linux
//! alone; the others run everywhere.

#![allow(clippy::unwrap_used, reason = "these are tests")]
#![allow(
    clippy::incompatible_msrv,
    reason = "the floor is that of the crate alone"
)]

mod awaiting;
mod callbacks;
#[cfg(target_os = "linux")]
mod channels;
mod common;
mod contract;
#[cfg(target_os = "linux")]
mod crash;
mod decoding;
mod handles;
mod limits;
mod map;
mod naming;
mod panics;
#[cfg(target_os = "linux")]
mod parents;
#[cfg(target_os = "linux")]
mod program;
mod settings;
mod shutdown;
mod starting;
#[cfg(target_os = "linux")]
mod system;
#[cfg(target_os = "linux")]
mod tcp;
