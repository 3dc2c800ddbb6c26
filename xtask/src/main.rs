//! `cargo xtask`: the tasks of this workspace.
//!
//! Four rooms, along the way that a result takes: `racers` are what is raced (by the library
//! `race`), `results` is what that found out, `show` is what people see of it, and `tasks` what
//! they ask for. Each room knows only those before it. The pages are known here only as
//! programs: their names, their command lines, what they print. `catalogue` knows them as
//! files, to find and to show them.

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
