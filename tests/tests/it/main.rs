//! The tests that need the whole workspace: what its programs do, and what its texts say about
//! them. Tests that count processes or need a quiet machine are in `alone`.

mod bad_input;
mod book;
mod documentation;
#[cfg(target_os = "linux")]
mod faults;
mod gather;
mod house;
#[cfg(target_os = "linux")]
mod machines;
#[cfg(target_os = "linux")]
mod machines_killed;
#[cfg(target_os = "linux")]
mod machines_lost;
#[cfg(target_os = "linux")]
mod machines_python;
#[cfg(target_os = "linux")]
mod machines_trouble;
mod names;
mod overlap;
mod parity;
mod phrasebook;
mod pools;
#[cfg(unix)]
mod properties;
#[cfg(unix)]
mod python;
mod tidy;
mod trace;
#[cfg(unix)]
mod until_ctrl_c;
