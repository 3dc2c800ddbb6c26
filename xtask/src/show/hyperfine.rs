//! The race for hyperfine: its times in hyperfine's JSON, and the race as a script that lets
//! hyperfine run the same commands.

use std::time::Duration;

use anyhow::Result;
use race::{CommandLine, Entrant, Run, stats};
use serde::Serialize;

use crate::racers::racer::in_one_line;

/// What helps where there is no hyperfine.
pub const MISSING: &str = "hyperfine is not installed; install it with \
    `cargo install hyperfine@1.20.0 --locked` (2.0.0 needs rustc 1.97)";

/// The times as hyperfine 1.x exports them, which all its scripts read.
pub fn json<'a>(racers: impl IntoIterator<Item = &'a Entrant>) -> Result<String> {
    let results = racers.into_iter().map(Exported::new).collect();
    let mut json = serde_json::to_string_pretty(&Export { results })?;
    json.push('\n');
    Ok(json)
}

#[derive(Serialize)]
struct Export {
    results: Vec<Exported>,
}

/// The fields, and their order, are hyperfine's. All times are in seconds.
#[derive(Serialize)]
struct Exported {
    /// The name that was given to the command.
    command: String,
    mean: f64,
    stddev: Option<f64>,
    median: f64,
    user: f64,
    system: f64,
    min: f64,
    max: f64,
    times: Vec<f64>,
    exit_codes: Vec<Option<i32>>,
}

impl Exported {
    fn new(racer: &Entrant) -> Self {
        let runs = racer.counted();
        let all = |figure: fn(&Run) -> f64| runs.iter().map(figure).collect::<Vec<_>>();
        let times = all(|run| run.wall);
        Exported {
            command: racer.name.clone(),
            mean: stats::mean(&times),
            stddev: stats::standard_deviation(&times),
            median: stats::median(&times),
            user: stats::mean(&all(|run| run.user)),
            system: stats::mean(&all(|run| run.system)),
            min: stats::min(&times),
            max: stats::max(&times),
            // A run that fails is not timed.
            exit_codes: vec![Some(0); times.len()],
            times,
        }
    }
}

/// What a script races.
pub struct Script<'a> {
    /// The workload.
    pub name: &'a str,
    /// What is timed, by the names of the racers.
    pub commands: &'a [(String, CommandLine)],
    /// What is fetched, if anything is.
    pub site: Option<Site>,
}

/// The demo site that a race needs.
pub struct Site {
    /// The file with the URLs, beside the script.
    pub urls: String,
    /// How long the site waits before it answers.
    pub delay: Duration,
    /// A command that fetches the URLs which it reads from stdin.
    pub fetches_stdin: CommandLine,
}

impl Script<'_> {
    /// The script. It stands in the output folder, beside the URLs.
    ///
    /// hyperfine refuses an option that is given twice. So the caller's options replace those
    /// of the script.
    pub fn text(&self) -> String {
        let name = self.name;
        let missing = shell_words::quote(MISSING);
        let mut script = format!(
            r#"#!/bin/sh
# The race of `cargo xtask compare {name}`, as a command line for hyperfine.
#
# Options for hyperfine may be given, for instance --runs 4. Without any, each racer runs ten
# times, after one run to warm up. Files that options name are looked for in the folder of this
# script.
set -eu
CDPATH= cd -- "$(dirname -- "$0")"

if ! command -v hyperfine > /dev/null; then
    printf 'error: %s\n' {missing} >&2
    exit 1
fi
"#
        );
        if let Some(site) = &self.site {
            script += &site.text();
        }
        script += r#"
# No shell between hyperfine and the racers, so that the times are theirs.
shell=-N style='--style basic' warmup='--warmup 1' runs='--runs 10'
for option; do
    case $option in
        -N | -S* | --shell*) shell= ;;
        --style*) style= ;;
        -w* | --warmup*) warmup= ;;
        -r* | --runs* | -m* | --min-runs* | -M* | --max-runs*) runs= ;;
    esac
done
exec hyperfine $shell $style $warmup $runs "$@""#;
        for (name, command) in self.commands {
            let command = in_one_line(command);
            let words = ["-n", name, &command].map(shell_words::quote);
            script += &format!(" \\\n    {}", words.join(" "));
        }
        script + "\n"
    }
}

impl Site {
    /// The part of the script that puts the address of the running site into the URLs, then
    /// fetches the first URL as a check.
    fn text(&self) -> String {
        let Site {
            urls,
            delay,
            fetches_stdin,
        } = self;
        let serve = format!("cargo xtask serve --delay {}", delay.as_secs_f64());
        let fetch = in_one_line(fetches_stdin);
        format!(
            r#"
# The URLs are on the site that `{serve}` runs.
SITE=${{SITE:-http://127.0.0.1:8000}}
sed "s|^http://[^/]*|$SITE|" {urls} > {urls}.new
mv {urls}.new {urls}
if ! head -n 1 {urls} | {fetch} > /dev/null; then
    echo "error: the site does not answer at $SITE; start it with: {serve}" >&2
    exit 1
fi
"#
        )
    }
}

#[cfg(test)]
mod tests;
