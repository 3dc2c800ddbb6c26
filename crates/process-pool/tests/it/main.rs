//! Tests of the pool with real processes, signals and deaths.
//!
//! They are one program. Its workers are this same program, which runs only its test
//! `worker`. `contract.rs` lists the rows of the contract and their tests. A test that
//! needs signals, shells or `/proc` runs on Linux only; the others run everywhere.

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
