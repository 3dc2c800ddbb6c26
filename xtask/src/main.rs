//! `cargo xtask`: the tasks of this workspace.
//!
//! Five rooms, along the way that a result takes: `racers` are what is raced, `measure`
//! finds out what that takes, `judge` what it means, `show` is what people see of it, and
//! `tasks` what they ask for. Each room knows only those before it. The pages are known
//! here only as programs: their names, their command lines, what they print.

mod format;
mod judge;
mod measure;
mod racers;
mod show;
mod stats;
mod tasks;

use std::process::ExitCode;

use crate::measure::{guard, interrupt};
use crate::tasks::flags::{self, Task};
use crate::tasks::{book, compare, diff, list, readme, scale, serve, timeline};

fn main() -> ExitCode {
    if guard::is_asked_for() {
        guard::stand();
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
        if interrupt::requested() {
            interrupt::die();
        }
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
