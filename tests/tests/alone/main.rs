//! The tests that race programs or count processes. cargo runs no other test program at the
//! same time.

mod compare;
#[cfg(target_os = "linux")]
mod compare_also;
#[cfg(target_os = "linux")]
mod compare_hyperfine;
#[cfg(target_os = "linux")]
mod compare_interrupted;
#[cfg(target_os = "linux")]
mod compare_python;
#[cfg(target_os = "linux")]
mod interrupt;
#[cfg(target_os = "linux")]
mod output_folder;
mod race;
#[cfg(target_os = "linux")]
mod race_dies;
#[cfg(target_os = "linux")]
mod refused;
#[cfg(target_os = "linux")]
mod relative_paths;
mod scale;
#[cfg(target_os = "linux")]
mod scripts;
#[cfg(target_os = "linux")]
mod serve;
#[cfg(target_os = "linux")]
mod strange_characters;
#[cfg(target_os = "linux")]
mod streams;
#[cfg(target_os = "linux")]
mod three_hosts;
mod timeline;
