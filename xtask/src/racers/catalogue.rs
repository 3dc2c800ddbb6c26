//! Every page there is, as a file: those that are raced, and those of the phrasebook.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::racers::build::{PACKAGES, root};

/// A page, and what a person may look for in it.
pub struct Page {
    /// The name that cargo knows.
    pub name: String,
    /// Whether it is one of the phrasebook: `cargo run --example`, else `--bin`.
    pub is_phrase: bool,
    /// Its file, from the root of the workspace.
    pub file: PathBuf,
    /// All of its header before the command.
    pub about: String,
}

/// All pages: first those that are raced, by model, then the phrasebook, by name.
pub fn pages() -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for package in PACKAGES {
        pages.extend(of_folder(&Path::new(package).join("src/bin"), false)?);
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

/// The pages of a folder, by name.
fn of_folder(folder: &Path, is_phrase: bool) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for file in entries(folder)? {
        if file.extension().is_some_and(|extension| extension == "rs") {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let name = name.into_owned();
            let header = header(&read(&file)?);
            let (about, _) = header.split_once("```").unwrap_or((&header, ""));
            pages.push(Page {
                name,
                is_phrase,
                file,
                about: about.to_owned(),
            });
        }
    }
    if pages.is_empty() {
        bail!("there is no page in {}", folder.display());
    }
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pages)
}

/// What is in a folder; like the folder, from the root of the workspace.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read {}", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(root().join(folder)).with_context(unreadable)? {
        entries.push(folder.join(entry.with_context(unreadable)?.file_name()));
    }
    Ok(entries)
}

/// What a file of the workspace holds, which is named from its root.
pub fn read(file: &Path) -> Result<String> {
    let unreadable = || format!("cannot read {}", file.display());
    fs::read_to_string(root().join(file)).with_context(unreadable)
}

/// The comment that a file begins with, without the signs of comments: Markdown.
pub fn header(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The code of a page.
pub fn below_header(rust: &str) -> &str {
    rust.split_once("\n\n").map_or(rust, |(_, code)| code)
}

/// The code of a twin.
pub fn below_docstring(python: &str) -> &str {
    let code = python.splitn(3, "\"\"\"").last().unwrap_or_default();
    code.trim_start()
}

impl Page {
    /// The first sentence of the header.
    pub fn summary(&self) -> String {
        let (summary, _) = self.about.split_once("\n\n").unwrap_or((&self.about, ""));
        summary.replace('\n', " ")
    }

    /// The same program in Python, if there is one.
    ///
    /// A file that is named like a module of Python's library would be taken for it, so
    /// there the name has a `_` at its end.
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
