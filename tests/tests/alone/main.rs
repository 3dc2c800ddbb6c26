//! The tests that race programs, or look at which processes there are: cargo runs no other
//! test program beside this one.

mod compare;
#[cfg(target_os = "linux")]
mod interrupt;
#[cfg(target_os = "linux")]
mod race_dies;
#[cfg(target_os = "linux")]
mod three_hosts;
mod timeline;
