//! Who races: a command line for each page, for its twin in Python, and for whatever else a
//! person brings along.

use std::iter;
use std::path::{self, Component, Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::racers::pages::Pages;
use crate::racers::python::Python;
use crate::racers::workload::{Model, Saying, Work};

/// The file with the URLs, in the output folder, in which every racer runs.
pub const URLS: &str = "fetch-url.urls";

/// One command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Racer {
    pub name: String,
    pub origin: Origin,
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// Where it is run: the output folder.
    pub folder: PathBuf,
    /// How many items it has under way at one time.
    pub in_flight: u64,
}

/// Where a racer comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A page of this workspace, by its name without the workload's, for instance `threads`
    /// or `async-gather`.
    Page(String),
    /// The twin of that page in Python.
    Python(String),
    /// A program of somebody's own: `--also`.
    Also,
}

impl Origin {
    /// The page that it is, or is the twin of.
    pub fn page(&self) -> Option<&str> {
        match self {
            Origin::Page(page) | Origin::Python(page) => Some(page),
            Origin::Also => None,
        }
    }
}

/// A program of somebody's own that takes part: it is given what the threads page is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Also {
    pub name: String,
    pub program: PathBuf,
    pub arguments: Vec<String>,
}

impl FromStr for Also {
    type Err = String;

    /// Reads `NAME=COMMAND`. A relative program is found from where this is read.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, command) = text.split_once('=').ok_or("expected NAME=COMMAND")?;
        let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(plain) {
            return Err(format!(
                "{name:?} is no name: letters, digits, -, _ and . make one"
            ));
        }
        let words = shell_words::split(command).map_err(|error| error.to_string())?;
        let [program, arguments @ ..] = &words[..] else {
            return Err("the command is empty".to_string());
        };
        let program = Path::new(program);
        Ok(Also {
            name: name.to_string(),
            // Without a separator it is looked for on the PATH.
            program: if program.components().count() > 1 {
                path::absolute(program).map_err(|error| error.to_string())?
            } else {
                program.to_path_buf()
            },
            arguments: arguments.to_vec(),
        })
    }
}

/// Every racer of a workload, the baseline first: the pages, those of each Python, and what
/// was brought along.
pub fn racers(
    work: &Work,
    pages: &Pages,
    pythons: &[Python],
    also: &[Also],
    folder: &Path,
) -> Result<Vec<Racer>> {
    let suffix = format!("-{}", work.workload().name());
    let short = |page: &str| page.strip_suffix(&suffix).unwrap_or(page).to_string();
    let racer = |name, origin, program, arguments: Vec<String>, model| Racer {
        name,
        origin,
        program,
        arguments: [arguments, work.arguments(model, URLS)].concat(),
        folder: folder.to_path_buf(),
        in_flight: work.in_flight(model),
    };
    let mut racers = Vec::new();
    for page in pages.of(work.workload()) {
        let (name, program) = (short(page), pages.program(page)?.to_path_buf());
        let origin = Origin::Page(name.clone());
        racers.push(racer(name, origin, program, Vec::new(), Model::of(page)));
    }
    for python in pythons {
        for page in pages.of(work.workload()) {
            let name = format!("{}-{}", python.label, short(page));
            let program = python.interpreter.clone();
            let file = seen_from(folder, &Python::program(page));
            let file = file.to_string_lossy().into_owned();
            let origin = Origin::Python(short(page));
            racers.push(racer(name, origin, program, vec![file], Model::of(page)));
        }
    }
    for also in also {
        let (program, arguments) = (also.program.clone(), also.arguments.clone());
        let name = also.name.clone();
        racers.push(racer(
            name,
            Origin::Also,
            program,
            arguments,
            Model::Threads,
        ));
    }
    Ok(racers)
}

impl Racer {
    /// The same program with a single item of the work to do.
    pub fn with_one_item(&self, work: &Work, site: &str) -> Self {
        let item = match work {
            Work::FetchUrl { .. } => work.urls(site).lines().next().map(String::from),
            Work::HeavyCalculation { numbers, .. } => numbers.first().map(u64::to_string),
            Work::SayAfter { sayings, .. } => sayings.first().map(Saying::to_string),
        };
        Racer {
            arguments: item.into_iter().collect(),
            ..self.clone()
        }
    }

    /// The command as it is raced: it prints its results at the end, and nothing before.
    pub fn command(&self) -> Command {
        let mut command = self.talkative();
        command.arg("--quiet");
        command
    }

    /// The command as it is raced, in one line for a shell, seen from the output folder.
    pub fn command_line(&self) -> String {
        let program = seen_from(&self.folder, &self.program);
        // hyperfine takes a backslash for an escape, and Windows takes a slash for a backslash.
        let program = program.to_string_lossy().replace('\\', "/");
        let words = [&program].into_iter().chain(&self.arguments);
        shell_words::join(words.map(String::as_str).chain(["--quiet"]))
    }

    /// The same, as a user runs it: with its progress, and with its sayings.
    pub fn talkative(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.folder);
        command
    }
}

/// The way to a file from a folder, if it leads by way of a folder that both are in; so that
/// what is shown of a race says nothing of where on this machine it was run.
fn seen_from(folder: &Path, file: &Path) -> PathBuf {
    let winds = folder.components().any(|part| part == Component::ParentDir);
    let shared = folder.ancestors().enumerate().find_map(|(up, ancestor)| {
        // All that is absolute has the root in common.
        ancestor.parent().filter(|_| !winds)?;
        Some((up, file.strip_prefix(ancestor).ok()?))
    });
    match shared {
        // Without a folder before it, a name would be looked for on the PATH.
        Some((0, down)) => Path::new(".").join(down),
        Some((up, down)) => PathBuf::from_iter(iter::repeat_n("..", up)).join(down),
        None => file.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_seen_from_the_folder_by_what_they_have_in_common() {
        let from = |folder: &str, file: &str| {
            let seen = seen_from(Path::new(folder), Path::new(file));
            seen.to_string_lossy().into_owned()
        };
        assert_eq!(
            from("/w/target/compare", "/w/target/release/a"),
            "../release/a"
        );
        assert_eq!(from("/w/results/python", "/w/target/a"), "../../target/a");
        assert_eq!(from("/w/results", "/w/results/a"), "./a");
        assert_eq!(from("/a/results", "/w/target/a"), "/w/target/a");
        assert_eq!(from("/w/results", "python3"), "python3");
        assert_eq!(from("/w/a/../results", "/w/b"), "/w/b");
    }

    #[test]
    fn programs_are_found_from_the_output_folder() {
        let racer = Racer {
            name: "threads".to_string(),
            origin: Origin::Page("threads".to_string()),
            program: "/some where/target/release/threads".into(),
            arguments: vec!["1:a b".to_string(), "1:it's $5".to_string()],
            folder: "/some where/target/compare".into(),
            in_flight: 2,
        };
        assert_eq!(
            racer.command_line(),
            r"../release/threads '1:a b' '1:it'\''s $5' --quiet"
        );
    }
}
