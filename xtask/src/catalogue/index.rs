//! The index of the phrasebook, `PHRASEBOOK.md`, as rows.

use std::path::Path;

use anyhow::Result;

use super::read;

/// A row of the index: a construct of Python, and what Rust has.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The title of the section.
    pub section: String,
    /// The names in Python.
    pub python: String,
    /// What Rust has, or why there is nothing.
    pub rust: String,
    /// The names of its pages. Some rows have none.
    pub pages: Vec<String>,
    /// The trap: what goes wrong. Empty if there is none.
    pub trap: String,
}

/// All rows, in their order.
pub fn rows() -> Result<Vec<Row>> {
    Ok(parse(&read(Path::new("PHRASEBOOK.md"))?))
}

fn parse(index: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut section = "";
    for line in index.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title;
        } else if let Some(row) = line.strip_prefix("| ")
            && !row.starts_with("Python |")
        {
            rows.push(row_of(section, row));
        }
    }
    rows
}

fn row_of(section: &str, line: &str) -> Row {
    // A `|` within a cell is written `\|`.
    let line = line.replace("\\|", "\0");
    let mut cells = line
        .split('|')
        .map(|cell| cell.trim().replace('\0', "|").replace("**", ""));
    let mut next = || cells.next().unwrap_or_default();
    Row {
        section: section.to_owned(),
        python: next(),
        rust: next(),
        pages: links(&next()),
        trap: next(),
    }
}

/// The names of the pages that a cell links to.
fn links(cell: &str) -> Vec<String> {
    let names = cell.split('[').skip(1);
    names
        .filter_map(|link| link.split_once("](").map(|(name, _)| name.to_owned()))
        .collect()
}

impl Row {
    /// The names in Python: what stands between backticks.
    pub fn names_in_python(&self) -> impl Iterator<Item = &str> {
        self.python.split('`').skip(1).step_by(2)
    }

    /// The names in Rust.
    pub fn names_in_rust(&self) -> impl Iterator<Item = &str> {
        self.rust.split('`').skip(1).step_by(2)
    }

    /// All names, those in Python first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names_in_python().chain(self.names_in_rust())
    }

    /// Whether the row has no page, and says why.
    pub fn is_left_out(&self) -> bool {
        self.section == "Left out"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_names_pages_and_a_trap() {
        let index = "# Phrasebook\n\n## Locks\n\n\
            | Python | Rust | page | trap |\n|---|---|---|---|\n\
            | `Lock`, a shell's `\\|` | **none**: `Mutex` | [lock](a.rs), [rlock](b.rs) ⁺ | waits |\n\
            \n## Left out\n\n| Python | why |\n|---|---|\n| `Policy` | not needed |\n";
        let expected = [
            Row {
                section: "Locks".to_owned(),
                python: "`Lock`, a shell's `|`".to_owned(),
                rust: "none: `Mutex`".to_owned(),
                pages: vec!["lock".to_owned(), "rlock".to_owned()],
                trap: "waits".to_owned(),
            },
            Row {
                section: "Left out".to_owned(),
                python: "`Policy`".to_owned(),
                rust: "not needed".to_owned(),
                pages: Vec::new(),
                trap: String::new(),
            },
        ];
        let rows = parse(index);
        assert_eq!(rows, expected);
        let names: Vec<_> = rows[0].names().collect();
        assert_eq!(names, ["Lock", "|", "Mutex"]);
    }
}
