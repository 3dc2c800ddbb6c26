//! The pool, tried with real processes, real signals and real deaths.
//!
//! One program for all of it: the workers of these tests are this very program, started by
//! the test harness as its test `worker`. The contract's rows and the tests that prove them
//! are in `contract.rs`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod awaiting;
mod callbacks;
mod channels;
mod common;
mod contract;
mod crash;
mod decoding;
mod handles;
mod limits;
mod map;
mod naming;
mod panics;
mod parents;
mod program;
mod settings;
mod shutdown;
mod starting;
mod tcp;
