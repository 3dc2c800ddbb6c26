//! The pages of the phrasebook as files: what their headers say, and where their twins are.

use std::fs;
use std::path::PathBuf;

use crate::header::{self, Example};
use crate::root;

/// A page of the phrasebook.
pub struct Page {
    /// The name that `cargo run --example` knows.
    pub name: String,
    /// Its source file.
    pub file: PathBuf,
    /// Its header, without the comment signs.
    pub header: String,
    /// What is below the header.
    pub code: String,
}

/// All pages, in the order of their names.
pub fn pages() -> Vec<Page> {
    let models = ["threads", "processes", "async"];
    let folders = models.map(|model| root().join(format!("examples-{model}/examples")));
    let mut pages: Vec<_> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("every model has pages"))
        .map(|entry| Page::read(entry.expect("the folder can be read").path()))
        .collect();
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    pages
}

impl Page {
    fn read(file: PathBuf) -> Page {
        let text = fs::read_to_string(&file).expect("a page can be read");
        let (header, code) = text.split_once("\n\n").expect("a header, then code");
        let name = file.file_stem().expect("a page has a name");
        Page {
            name: name.to_string_lossy().into_owned(),
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

    /// The paragraphs of the header, each as one line, and the items of its list likewise.
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

    /// The crates that a new project needs, with their features: the arguments of
    /// `cargo add`, one list for each crate.
    pub fn needs(&self) -> Vec<Vec<String>> {
        let needs = self.labelled("- **Needs:** ").unwrap_or_default();
        let commands = code_spans(&needs).into_iter();
        let commands = commands.filter_map(|code| code.strip_prefix("cargo add "));
        commands
            .map(|args| args.split(' ').map(str::to_owned).collect())
            .collect()
    }

    /// The file of its twin in Python. A file that is named like a module of the standard
    /// library would stand in for that when its neighbours are run.
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

    /// What the twin prints: what the page prints, but for the lines of traps, which are
    /// Rust's, and those that the header names: "In Python: `its line` for `this line`".
    pub fn lines_of_the_twin(&self) -> Vec<String> {
        let mut lines = self.example().output;
        lines.retain(|line| !line.starts_with("trap: "));
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
}

/// What stands between backticks in a text.
pub fn code_spans(markdown: &str) -> Vec<&str> {
    markdown.split('`').skip(1).step_by(2).collect()
}
