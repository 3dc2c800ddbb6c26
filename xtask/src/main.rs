//! `cargo xtask`: the tasks of this workspace.
//!
//! A result passes through four modules, in this order:
//!
//! - `racers`: what is raced. The library `race` runs it.
//! - `results`: what a race found out.
//! - `show`: how people see a result.
//! - `tasks`: the commands.
//!
//! Each module uses only those before it. They know the pages as programs: their names, their
//! command lines and what they print. A fifth module, `catalogue`, knows the pages as files, to
//! find and to show them.

mod catalogue;
mod format;
mod racers;
mod results;
mod show;
mod stderr;
mod tasks;

use std::process::ExitCode;

use crate::stderr::say;
use crate::tasks::flags::{self, Task};
use crate::tasks::{book, compare, diff, list, readme, scale, serve, timeline};

fn main() -> ExitCode {
    if race::run_guard_if_asked() {
        return ExitCode::SUCCESS;
    }
    let result = match flags::parse() {
        Task::Compare(flags) => compare::run(&flags),
        Task::Scale(flags) => scale::run(&flags),
        Task::Timeline(flags) => timeline::run(&flags),
        Task::Serve(flags) => serve::run(&flags),
        Task::Readme(flags) => readme::run(&flags),
        Task::List(flags) => list::run(&flags),
        Task::Diff(flags) => diff::run(&flags),
        Task::Book(flags) => book::run(&flags),
    };
    result.unwrap_or_else(|error| {
        say(&format!("error: {error:#}"));
        ExitCode::FAILURE
    })
}
