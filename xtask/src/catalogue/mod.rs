//! The catalogue: every page as a file, the rows of the phrasebook's index, and the search
//! that finds them by name.
//!
//! Its pages are those that are raced and those of the phrasebook.

pub mod index;
pub mod search;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::racers::build::{PACKAGES, root};

/// A page.
pub struct Page {
    /// The name that cargo knows.
    pub name: String,
    /// Whether it is a page of the phrasebook, which `cargo run --example` runs. `--bin` runs
    /// the others.
    pub is_phrase: bool,
    /// Its file, from the root of the workspace.
    pub file: PathBuf,
    /// Its header.
    pub header: String,
}

/// All pages: first those that are raced, sorted by model, then those of the phrasebook, sorted
/// by name.
pub fn pages() -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for package in PACKAGES {
        pages.extend(of_folder(&Path::new(package).join("src/bin"), false)?);
        let mut nested = entries(Path::new(package))?;
        nested.sort();
        for folder in nested {
            let folder = folder.join("src/bin");
            if root().join(&folder).is_dir() {
                pages.extend(of_folder(&folder, false)?);
            }
        }
    }
    let mut phrases = Vec::new();
    for package in entries(Path::new("phrasebook"))? {
        if !root().join(&package).is_dir() {
            continue;
        }
        phrases.extend(of_folder(&package.join("examples"), true)?);
    }
    phrases.sort_by(|a, b| a.name.cmp(&b.name));
    pages.append(&mut phrases);
    Ok(pages)
}

/// The pages of a folder, sorted by name.
fn of_folder(folder: &Path, is_phrase: bool) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for file in entries(folder)? {
        if file.extension().is_some_and(|extension| extension == "rs") {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let name = name.into_owned();
            let header = header(&read(&file)?);
            pages.push(Page {
                name,
                is_phrase,
                file,
                header,
            });
        }
    }
    if pages.is_empty() {
        bail!("there is no page in {}", folder.display());
    }
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pages)
}

/// The entries of a folder. Their paths, like the folder's, start at the workspace root.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read {}", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(root().join(folder)).with_context(unreadable)? {
        entries.push(folder.join(entry.with_context(unreadable)?.file_name()));
    }
    Ok(entries)
}

/// Reads a file of the workspace. Its path starts at the workspace root.
pub fn read(file: &Path) -> Result<String> {
    let unreadable = || format!("cannot read {}", file.display());
    fs::read_to_string(root().join(file)).with_context(unreadable)
}

/// The header comment of a Rust file as Markdown: its lines without `//!`.
pub fn header(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The code of a page, without its header.
pub fn below_header(rust: &str) -> &str {
    rust.split_once("\n\n").map_or(rust, |(_, code)| code)
}

/// The header of a twin: the comment above its docstring, and the docstring.
pub fn header_of_twin(python: &str) -> String {
    let mut parts = python.splitn(3, "\"\"\"");
    let (Some(comment), Some(docstring)) = (parts.next(), parts.next()) else {
        return String::new();
    };
    let comment: Vec<&str> = comment
        .lines()
        .map(|line| line.trim_start_matches(['#', ' ']))
        .collect();
    let header = format!("{}\n\n{docstring}", comment.join("\n"));
    header.trim().to_owned()
}

/// The code of a twin, without its header.
pub fn below_docstring(python: &str) -> &str {
    let code = python.splitn(3, "\"\"\"").last().unwrap_or_default();
    code.trim_start()
}

impl Page {
    /// The first sentence of the header.
    pub fn summary(&self) -> String {
        let (summary, _) = self.header.split_once("\n\n").unwrap_or((&self.header, ""));
        summary.replace('\n', " ")
    }

    /// The crates that the page needs in a new project, as its header says. The list is empty
    /// if the header says "nothing but std".
    ///
    /// `None` if the header does not say. Those of raced pages do not, because a raced page is
    /// not made to be pasted into a new project.
    pub fn needs(&self) -> Option<Vec<String>> {
        let (_, needs) = self.header.split_once("- **Needs:** ")?;
        let needs = needs.split("\n\n").next()?;
        let needs: Vec<&str> = needs.split_whitespace().collect();
        let needs = needs.join(" ");
        let commands = needs.split("`cargo add ").skip(1);
        // `--path` stands for a crate of this repository.
        let names = commands.map(|arguments| {
            let end = |sign| sign == ' ' || sign == '`';
            arguments.split(end).next().unwrap_or_default().to_owned()
        });
        Some(names.collect())
    }

    /// The same program in Python, if there is one.
    ///
    /// If a twin had the name of a module of Python's library, Python would import the twin
    /// instead of the module. So the name of such a twin ends in `_`.
    pub fn twin(&self) -> Option<PathBuf> {
        let folder = match self.is_phrase {
            true => "python/phrasebook",
            false => "python",
        };
        let stem = self.name.replace('-', "_");
        let twins =
            ["", "_"].map(|end| Path::new(folder).join(format!("{stem}{end}.py")));
        twins.into_iter().find(|twin| root().join(twin).exists())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_which_crates_a_page_needs() {
        let needs = |header: &str| {
            let page = Page {
                name: "page".to_owned(),
                is_phrase: true,
                file: PathBuf::new(),
                header: header.to_owned(),
            };
            page.needs()
        };
        assert_eq!(
            needs("Title.\n\n- **Needs:** nothing but std\n\nMore"),
            Some(vec![])
        );
        let two = "- **Rust:** it\n- **Needs:** `cargo add tokio -F\n  rt`, `cargo add\n  rayon`\n\n`cargo add x`";
        assert_eq!(needs(two).unwrap(), ["tokio", "rayon"]);
        let path = "- **Needs:** `cargo add --path CLONE/crates/thread-pool`";
        assert_eq!(needs(path).unwrap(), ["--path"]);
        assert_eq!(needs("Title."), None);
    }

    #[test]
    fn the_header_of_a_twin_is_its_comment_and_its_docstring() {
        let python =
            "# Needs Python 3.15.\n\"\"\"End tasks.\n\nIn Rust: a.rs\n\"\"\"\n\nmain()\n";
        let expected = "Needs Python 3.15.\n\nEnd tasks.\n\nIn Rust: a.rs";
        assert_eq!(header_of_twin(python), expected);
        assert_eq!(below_docstring(python), "main()\n");
        assert_eq!(header_of_twin("\"\"\"End tasks.\"\"\"\n"), "End tasks.");
        assert_eq!(header_of_twin("main()\n"), "");
    }
}
