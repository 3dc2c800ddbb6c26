//! The pages of the phrasebook as files: what their headers say, and where their twins are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::header::{self, Example};
use crate::root;

/// A page of the phrasebook.
pub struct Page {
    /// The name that `cargo run --example` knows.
    pub name: String,
    /// The folder of its package, below `phrasebook`.
    pub package: String,
    /// Its source file.
    pub file: PathBuf,
    /// Its header, without the comment signs.
    pub header: String,
    /// What is below the header.
    pub code: String,
}

/// A crate that a page needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// The crate.
    pub name: String,
    /// The arguments of `cargo add`.
    pub arguments: Vec<String>,
}

/// All pages, in the order of their names.
pub fn pages() -> Vec<Page> {
    let mut pages = Vec::new();
    for package in entries(&root().join("phrasebook")) {
        for file in entries(&package.join("examples")) {
            pages.push(Page::read(file));
        }
    }
    assert!(!pages.is_empty(), "the phrasebook has no pages");
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    pages
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.expect("the folder can be read").path())
        .collect()
}

impl Page {
    fn read(file: PathBuf) -> Page {
        let text = fs::read_to_string(&file).expect("a page can be read");
        let (header, code) = text.split_once("\n\n").expect("a header, then code");
        let name = file.file_stem().expect("a page has a name");
        let package = file
            .parent()
            .and_then(Path::parent)
            .and_then(Path::file_name);
        let package = package.expect("phrasebook/PACKAGE/examples/PAGE.rs");
        Page {
            name: name.to_string_lossy().into_owned(),
            package: package.to_string_lossy().into_owned(),
            header: header::text(header),
            code: code.to_owned(),
            file,
        }
    }

    /// The command of the header, and what it prints.
    pub fn example(&self) -> Example {
        let mut examples = header::examples(&self.header);
        assert_eq!(examples.len(), 1, "{}: one command with output", self.name);
        examples.remove(0)
    }

    /// The paragraphs of the header and the items of its list, each as one line.
    pub fn paragraphs(&self) -> Vec<String> {
        let items = self.header.replace("\n- ", "\n\n- ");
        let one_line = |text: &str| {
            let words: Vec<_> = text.split_whitespace().collect();
            words.join(" ")
        };
        items.split("\n\n").map(one_line).collect()
    }

    /// What follows a label of the header, such as `**Trap:** `.
    pub fn labelled(&self, label: &str) -> Option<String> {
        let paragraphs = self.paragraphs();
        let mut texts = paragraphs
            .iter()
            .filter_map(|paragraph| paragraph.strip_prefix(label));
        texts.next().map(str::to_owned)
    }

    /// The crates that a new project needs, with their features.
    pub fn needs(&self) -> Vec<Need> {
        let needs = self.labelled("- **Needs:** ").unwrap_or_default();
        let commands = code_spans(&needs).into_iter();
        let commands = commands.filter_map(|code| code.strip_prefix("cargo add "));
        commands.map(Need::parse).collect()
    }

    /// Whether it needs a PostgreSQL server.
    pub fn needs_postgres(&self) -> bool {
        let needs = self.labelled("- **Needs:** ").unwrap_or_default();
        needs.contains("PostgreSQL")
    }

    /// The file of its twin in Python. Its name may end in `_`: if it were named like a module
    /// of the standard library, the other twins would import it instead of the module.
    pub fn twin(&self) -> PathBuf {
        let folder = root().join("python/phrasebook");
        let stem = self.name.replace('-', "_");
        let [plain, marked] = ["", "_"].map(|end| folder.join(format!("{stem}{end}.py")));
        if marked.exists() { marked } else { plain }
    }

    /// The minor number of the oldest Python that the twin runs with, by its first line.
    pub fn python_of_the_twin(&self) -> u32 {
        let twin = fs::read_to_string(self.twin()).unwrap_or_default();
        let needed = twin.strip_prefix("# Needs Python 3.");
        needed.map_or(11, |rest| {
            let digits = rest.split('.').next().unwrap_or_default();
            digits.parse().expect("the first line names a version")
        })
    }

    /// What the twin prints. That is what the page prints, without the lines of a trap that
    /// only Rust has. The header names other differences: "In Python: `its line` for
    /// `this line`".
    pub fn lines_of_the_twin(&self) -> Vec<String> {
        let mut lines = self.example().output;
        if !self.has_the_trap_of_python() {
            lines.retain(|line| !line.starts_with("trap: "));
        }
        if let Some(changes) = self.labelled("In Python: ") {
            for change in changes.trim_end_matches('.').split("; ") {
                let (theirs, ours) = change
                    .rsplit_once(" for `")
                    .unwrap_or_else(|| panic!("{}: no `… for …`: {change}", self.name));
                let ours = ours.trim_end_matches('`');
                let place = lines.iter().position(|line| line == ours);
                let place =
                    place.unwrap_or_else(|| panic!("{}: no line {ours}", self.name));
                match theirs {
                    "nothing" => drop(lines.remove(place)),
                    line => lines[place] = line.trim_matches('`').to_owned(),
                }
            }
        }
        lines
    }

    /// Whether Python has the same trap. Then the twin shows it as well.
    fn has_the_trap_of_python(&self) -> bool {
        let trap = self.labelled("**Trap:** ").unwrap_or_default();
        trap.starts_with("as in Python")
    }
}

impl Need {
    /// From `tokio -F macros,rt`, or `--path CLONE/crates/thread-pool`.
    fn parse(arguments: &str) -> Need {
        let arguments: Vec<_> = arguments.split(' ').map(str::to_owned).collect();
        let name = match arguments[0].as_str() {
            "--path" => arguments[1]
                .rsplit('/')
                .next()
                .expect("split yields a part"),
            name => name,
        };
        Need {
            name: name.to_owned(),
            arguments,
        }
    }
}

/// What stands between backticks in a text.
pub fn code_spans(markdown: &str) -> Vec<&str> {
    markdown.split('`').skip(1).step_by(2).collect()
}
