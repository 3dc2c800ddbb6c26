//! `cargo xtask diff`: two pages next to each other, or a page and its twin in Python.
//! Reading twins is what they are for.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::racers::catalogue::{self, Page, Word};
use crate::racers::build::root;
use crate::show::stdout;
use crate::tasks::flags::Diff;

pub fn run(flags: &Diff) -> Result<ExitCode> {
    let names = match &flags.what[..] {
        [one, other, workload] => {
            vec![format!("{one}-{workload}"), format!("{other}-{workload}")]
        }
        names => names.to_vec(),
    };
    let pages = catalogue::pages()?;
    let mut found = Vec::new();
    for name in &names {
        found.push(find(&pages, name)?);
    }
    match found[..] {
        [page] => with_its_twin(page),
        [one, other] => in_one_column(&one.file, &other.file),
        _ => unreachable!("the command line has one to three words"),
    }
}

/// The page with this name, or the only page that matches.
fn find<'a>(pages: &'a [Page], name: &str) -> Result<&'a Page> {
    let hits = catalogue::search(pages, &[Word::new(name)]);
    // An error is one line, also if the name is not.
    let name = name.escape_debug();
    match &hits[..] {
        [] => bail!(
            "there is no page {name}, and none matches; \
             `cargo xtask list` shows all of them"
        ),
        [only] => Ok(only.page),
        [best, ..] if best.is_exact() => Ok(best.page),
        several => {
            let names: Vec<&str> =
                several.iter().map(|hit| hit.page.name.as_str()).collect();
            bail!(
                "there is no page {name}; {} pages match: {}",
                names.len(),
                names.join(", ")
            )
        }
    }
}

/// Two siblings as git shows a change, with every line that they share.
fn in_one_column(one: &Path, other: &Path) -> Result<ExitCode> {
    let status = Command::new("git")
        .args(["diff", "--no-index", "--histogram", "--unified=1000", "--"])
        .args([one, other])
        .current_dir(root())
        .status()
        .context("cannot start git, which shows the difference")?;
    // 1 says that they differ.
    match status.code() {
        Some(0 | 1) => Ok(ExitCode::SUCCESS),
        _ => bail!("git diff: {status}"),
    }
}

/// Two languages side by side, for there are hardly any lines that they share: the code of
/// both, without what stands above it.
fn with_its_twin(page: &Page) -> Result<ExitCode> {
    let Some(twin) = page.twin() else {
        bail!("{} has no twin in Python", page.name);
    };
    let rust = catalogue::read(&page.file)?;
    let python = catalogue::read(&twin)?;
    let texts = [
        catalogue::below_header(&rust),
        catalogue::below_docstring(&python),
    ];
    let titles = [&page.file, &twin].map(|file| file.display().to_string());
    stdout::print(&side_by_side(titles, texts))?;
    Ok(ExitCode::SUCCESS)
}

fn side_by_side(titles: [String; 2], texts: [&str; 2]) -> String {
    let [left, right] = [0, 1].map(|side| {
        let title = [titles[side].as_str(), ""];
        title
            .into_iter()
            .chain(texts[side].lines())
            .collect::<Vec<_>>()
    });
    let width = left
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    let line = |number: usize| {
        let at = |side: &[&str]| side.get(number).copied().unwrap_or("").to_owned();
        let line = format!("{:width$} │ {}", at(&left), at(&right));
        line.trim_end().to_owned() + "\n"
    };
    (0..left.len().max(right.len())).map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn page(name: &str, about: &str) -> Page {
        Page {
            name: name.to_owned(),
            is_phrase: true,
            file: PathBuf::new(),
            about: about.to_owned(),
        }
    }

    #[test]
    fn a_name_opens_its_page_or_the_only_page_that_matches() {
        let pages = [
            page("async-queue", "A bounded queue."),
            page("gather", "`asyncio.gather`, `join_all`"),
            page("gather-tasks", "Gather tasks from a queue."),
        ];
        for (name, expected) in [
            ("gather", "gather"),
            ("asyncio.Gather()", "gather"),
            ("join_all", "gather"),
            ("bounded", "async-queue"),
            ("gather_t", "gather-tasks"),
        ] {
            assert_eq!(find(&pages, name).unwrap().name, expected);
        }
        for (name, expected) in [
            (
                "queue",
                "there is no page queue; 2 pages match: async-queue, gather-tasks",
            ),
            (
                "no\npage",
                "there is no page no\\npage, and none matches; \
                 `cargo xtask list` shows all of them",
            ),
        ] {
            let error = find(&pages, name).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), Some(expected));
        }
    }

    #[test]
    fn the_shorter_text_ends_before_the_longer() {
        let titles = ["a.rs".to_string(), "a.py".to_string()];
        let shown = side_by_side(titles, ["fn main() {\n}\n", "main()\n"]);
        let expected =
            "a.rs        │ a.py\n            │\nfn main() { │ main()\n}           │\n";
        assert_eq!(shown, expected);
    }
}
