//! `cargo xtask list`: every page with its one-line summary, the first line of its header.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::racers::pages;
use crate::show::stdout;

pub fn run() -> Result<ExitCode> {
    let mut pages = Vec::new();
    for package in pages::PACKAGES {
        pages.extend(summaries(&pages::root().join(package).join("src/bin"))?);
    }
    let width = pages.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines = pages
        .iter()
        .map(|(name, summary)| format!("{name:width$}  {summary}\n"));
    stdout::print(&lines.collect::<String>())?;
    Ok(ExitCode::SUCCESS)
}

/// The pages of one package by name, each with its summary.
fn summaries(folder: &Path) -> Result<Vec<(String, String)>> {
    let unreadable = || format!("cannot read {}", folder.display());
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let page = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            pages.push((name.into_owned(), summary(&page).to_string()));
        }
    }
    pages.sort();
    Ok(pages)
}

fn summary(page: &str) -> &str {
    page.lines()
        .find_map(|line| line.strip_prefix("//! "))
        .unwrap_or("")
}
