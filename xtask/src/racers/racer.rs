//! What races: each page, its twin in Python, and the programs that `--also` names.

use std::env;
use std::iter;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use anyhow::Result;
use race::CommandLine;
use serde::{Deserialize, Serialize};

use crate::racers::build::{Programs, Workspace};
use crate::racers::pages::{Model, Page};
use crate::racers::programs;
use crate::racers::python::Python;
use crate::racers::work::{Work, Workload};

/// A racer before it is built.
#[derive(Clone, Debug, PartialEq)]
pub struct Racer {
    pub name: String,
    pub origin: Origin,
    pub start: Start,
}

/// Where a racer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A page of this workspace.
    #[serde(with = "page")]
    Page(&'static Page),
    /// The twin of that page in Python.
    #[serde(with = "page")]
    Python(&'static Page),
    /// A program of the user: `--also`.
    Also,
}

/// How a racer is started.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// The built program of this name.
    Built(&'static str),
    /// An interpreter or program, and its first arguments.
    Program(PathBuf, Vec<String>),
    /// A Python file, by this interpreter.
    Python(PathBuf, PathBuf),
}

impl Origin {
    /// The page that it is, or is the twin of.
    pub fn page(self) -> Option<&'static Page> {
        match self {
            Origin::Page(page) | Origin::Python(page) => Some(page),
            Origin::Also => None,
        }
    }

    /// The model that decides on the arguments. A program of the user gets those of the threads
    /// page.
    pub fn model(self) -> Model {
        self.page().map_or(Model::Threads, |page| page.model)
    }
}

/// Pages are stored by their names.
mod page {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Page;
    use crate::racers::work::page_named;

    pub fn serialize<S: Serializer>(
        page: &&'static Page,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(page.name)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<&'static Page, D::Error> {
        let name = String::deserialize(deserializer)?;
        page_named(&name).ok_or_else(|| D::Error::custom(format!("no page {name}")))
    }
}

/// A program of the user that takes part.
#[derive(Clone, Debug, PartialEq)]
pub struct Also {
    pub name: String,
    pub program: PathBuf,
    pub arguments: Vec<String>,
}

impl FromStr for Also {
    type Err = String;

    /// Reads `NAME=COMMAND`.
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
        let program = programs::find(Path::new(program));
        Ok(Also {
            name: name.to_string(),
            program: program.map_err(|error| error.to_string())?,
            arguments: arguments.to_vec(),
        })
    }
}

impl Also {
    pub fn is_there(&self) -> bool {
        let with_suffix = self.program.with_extension(env::consts::EXE_EXTENSION);
        self.program.is_file() || with_suffix.is_file()
    }
}

/// Every racer of a workload, the sequential page first: the pages, their twins in each
/// Python, and the user's programs.
pub fn racers(
    workload: Workload,
    workspace: &Workspace,
    pythons: &[Python],
    also: &[Also],
) -> Vec<Racer> {
    let mut racers = Vec::new();
    for page in workspace.pages(workload) {
        racers.push(Racer {
            name: page.racer.to_string(),
            origin: Origin::Page(page),
            start: Start::Built(page.name),
        });
    }
    for python in pythons {
        for page in workspace.pages(workload) {
            racers.push(Racer {
                name: format!("{}-{}", python.label, page.racer),
                origin: Origin::Python(page),
                start: Start::Python(
                    python.interpreter.clone(),
                    Python::program(page.name),
                ),
            });
        }
    }
    for also in also {
        racers.push(Racer {
            name: also.name.clone(),
            origin: Origin::Also,
            start: Start::Program(also.program.clone(), also.arguments.clone()),
        });
    }
    racers
}

/// What racers need to run: the programs that were built, and the folder that all run in.
pub struct Track<'a> {
    pub workspace: &'a Workspace,
    pub programs: &'a Programs,
    pub folder: &'a Path,
}

impl Track<'_> {
    /// The command line for a racer and some work, as a user would run it: it prints its
    /// progress and its sayings. URLs come from the file `urls`.
    pub fn command_line(
        &self,
        racer: &Racer,
        work: &Work,
        urls: &str,
    ) -> Result<CommandLine> {
        let (program, mut arguments) = match &racer.start {
            Start::Built(name) => (self.programs.get(name)?.to_path_buf(), Vec::new()),
            Start::Program(program, arguments) => (program.clone(), arguments.clone()),
            Start::Python(interpreter, file) => {
                let file = seen_from(self.folder, file).to_string_lossy().into_owned();
                (interpreter.clone(), vec![file])
            }
        };
        arguments.extend(work.arguments(racer.origin.model(), urls));
        let server = self.workspace.nats_server.clone();
        Ok(CommandLine {
            program,
            arguments,
            folder: self.folder.to_path_buf(),
            environment: server
                .map(|server| ("NATS_SERVER".to_string(), server))
                .into_iter()
                .collect(),
        })
    }

    /// The command line that is timed. It prints no progress and no sayings.
    pub fn timed(&self, racer: &Racer, work: &Work, urls: &str) -> Result<CommandLine> {
        let mut command_line = self.command_line(racer, work, urls)?;
        command_line.arguments.push("--quiet".to_string());
        Ok(command_line)
    }
}

/// A command in one line for a shell, with paths that start in its folder.
pub fn in_one_line(command: &CommandLine) -> String {
    let program = seen_from(&command.folder, &command.program);
    // hyperfine takes a backslash for an escape, and Windows takes a slash for a backslash.
    let program = program.to_string_lossy().replace('\\', "/");
    let words = iter::once(&program).chain(&command.arguments);
    shell_words::join(words)
}

/// The relative path from a folder to a file, if both are below a common folder. With relative
/// paths a script can be moved together with the folders, and does not show where they were on
/// this machine.
fn seen_from(folder: &Path, file: &Path) -> PathBuf {
    let winds = folder.components().any(|part| part == Component::ParentDir);
    let shared = folder.ancestors().enumerate().find_map(|(up, ancestor)| {
        // All absolute paths share the root, so it does not count as a common folder.
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
    use crate::racers::work::page_named;

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
    fn a_command_in_one_line_is_quoted_and_seen_from_its_folder() {
        let command = CommandLine {
            program: "/some where/target/release/threads".into(),
            arguments: vec!["1:a b".to_string(), "1:it's $5".to_string()],
            folder: "/some where/target/compare".into(),
            environment: Vec::new(),
        };
        assert_eq!(
            in_one_line(&command),
            r"../release/threads '1:a b' '1:it'\''s $5'"
        );
    }

    #[test]
    fn an_origin_is_stored_by_the_name_of_its_page() {
        let page = page_named("threads-say-after").unwrap();
        for (origin, json) in [
            (Origin::Page(page), r#"{"page":"threads-say-after"}"#),
            (Origin::Python(page), r#"{"python":"threads-say-after"}"#),
            (Origin::Also, r#""also""#),
        ] {
            assert_eq!(serde_json::to_string(&origin).unwrap(), json);
            assert_eq!(serde_json::from_str::<Origin>(json).unwrap(), origin);
        }
        assert!(serde_json::from_str::<Origin>(r#"{"page":"nope"}"#).is_err());
    }

    #[test]
    fn another_program_has_a_name_and_a_command() {
        for wrong in ["prog", "=prog", "a b=prog", "a=", "a='open"] {
            assert!(wrong.parse::<Also>().is_err(), "{wrong}");
        }
        let also: Also = "my-1=no-such-program -c 'a b' x=y".parse().unwrap();
        assert_eq!(also.name, "my-1");
        assert_eq!(also.program, PathBuf::from("no-such-program"));
        assert_eq!(also.arguments, ["-c", "a b", "x=y"]);
        let also: Also = "it=./a/prog".parse().unwrap();
        assert!(also.program.is_absolute(), "{also:?}");
    }
}
