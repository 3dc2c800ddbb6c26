//! A race as a script for hyperfine, to be run again without this program.

use crate::measure::hyperfine;
use crate::racers::racer::{Racer, URLS};
use crate::racers::workload::{Work, Workload};

/// The script. It stands in the output folder, beside the URLs. The caller's options come
/// last, so that they win; those that hyperfine takes only once are left to the caller.
pub fn script(work: &Work, racers: &[Racer], rounds: u32) -> String {
    let name = work.workload().name();
    let mut script = format!(
        "#!/bin/sh\n\
         # The race of `cargo xtask compare {name}`, as a command line for hyperfine.\n\
         # Options for hyperfine may be given; without any it runs each racer {rounds} times.\n\
         set -eu\n\
         cd \"$(dirname \"$0\")\"\n"
    );
    if work.workload() == Workload::FetchUrl {
        script += &format!(
            "\n# The URLs are on the site that `cargo xtask serve` runs.\n\
             SITE=${{SITE:-http://127.0.0.1:8000}}\n\
             sed \"s|^http://[^/]*|$SITE|\" {URLS} > {URLS}.new\n\
             mv {URLS}.new {URLS}\n"
        );
    }
    script += &format!(
        "\nexec hyperfine {} \"$@\"",
        hyperfine::options(rounds).join(" ")
    );
    for racer in racers {
        let command = racer.command_line();
        let words = ["-n", &racer.name, &command].map(shell_words::quote);
        script += &format!(" \\\n    {}", words.join(" "));
    }
    script + "\n"
}
