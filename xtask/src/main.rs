//! `cargo xtask`: the tasks of this workspace.
//!
//! Each task is a module with a `run` function; what they share is named for the noun it
//! holds. The pages are known here only as programs: their names, their command lines, what
//! they print.

mod chart;
mod compare;
mod export;
mod files;
mod flags;
mod format;
mod hyperfine;
mod interrupt;
mod list;
mod machine;
mod measure;
mod memory;
mod notes;
mod pages;
mod parity;
mod python;
mod race;
mod report;
mod results;
mod scale;
mod serve;
mod site;
mod stats;
mod stdout;
mod sweep;
mod table;
mod verdict;
mod workload;

use std::process::ExitCode;

use crate::flags::Task;

fn main() -> ExitCode {
    let result = match flags::parse() {
        Task::Compare(flags) => compare::run(&flags),
        Task::Scale(flags) => scale::run(&flags),
        Task::Serve(flags) => serve::run(&flags),
        Task::List => list::run(),
    };
    result.unwrap_or_else(|error| {
        if interrupt::requested() {
            interrupt::die();
        }
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
