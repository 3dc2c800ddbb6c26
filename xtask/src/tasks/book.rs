//! `cargo xtask book`: all of this as a book, made by mdBook.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::racers::build::{root, target};
use crate::results::{comparison, timelines};
use crate::show::book::{self, Sources};
use crate::show::book_page::Measured;
use crate::show::report;
use crate::tasks::flags::Book;
use crate::tasks::readme;

/// The version stands in a file, because the check reads it too.
const VERSION: &str = include_str!("../../../book/mdbook-version").trim_ascii();

pub fn run(flags: &Book) -> Result<ExitCode> {
    let mdbook = find()?;
    let results = root().join("results");
    let sources = book::sources(&Measured {
        comparison: readme::read(&results.join(comparison::FILE))?,
        with_python: readme::read(&results.join("python").join(comparison::FILE))?,
        timelines: readme::read(&results.join(timelines::FILE))?,
    })?;

    let folder = target()?.join("book");
    write(&sources, &folder)
        .with_context(|| format!("cannot write to {}", folder.display()))?;
    let made = Command::new(&mdbook).arg("build").arg(&folder).output();
    let made = made.with_context(|| format!("cannot start {}", mdbook.display()))?;
    if !made.status.success() {
        let said = String::from_utf8_lossy(&made.stderr);
        bail!("mdBook: {}\n{}", made.status, said.trim_end());
    }
    report::announce_file(&folder.join("html/index.html"), flags.open);
    Ok(ExitCode::SUCCESS)
}

/// Writes what mdBook reads, and removes what it read the last time.
fn write(sources: &Sources, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for settings in ["book.toml", "book.css"] {
        fs::copy(root().join("book").join(settings), folder.join(settings))?;
    }
    fs::write(folder.join("pictures.css"), book::style())?;
    let source = folder.join("src");
    let with_folder = |name: &str| {
        let path = source.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&source)).map(|()| path)
    };
    for (name, text) in &sources.chapters {
        fs::write(with_folder(name)?, text)?;
    }
    for picture in &sources.pictures {
        fs::copy(root().join(picture), with_folder(picture)?)?;
    }
    Ok(())
}

/// The mdBook that `MDBOOK` names, or the one on the `PATH`; an error if that cannot make this
/// book.
fn find() -> Result<PathBuf> {
    let mdbook = env::var_os("MDBOOK").unwrap_or_else(|| OsString::from("mdbook"));
    let output = Command::new(&mdbook).arg("--version").output();
    let said = output.ok().filter(|output| output.status.success());
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let found = match &said {
        None => format!("{} does not start", mdbook.display()),
        Some(said) => format!("{} is {}", mdbook.display(), said.trim()),
    };
    if said.is_some_and(|said| is_new_enough(&said, VERSION)) {
        return Ok(mdbook.into());
    }
    bail!(
        "the book is made by mdBook {VERSION}, and {found}; install it with\n\n    \
         cargo install mdbook --version {VERSION} --locked --no-default-features --features \
         search\n\nor name another place with MDBOOK"
    )
}

/// Whether what mdBook says of itself, such as `mdbook v0.5.4`, is a version of the wanted
/// series and not older than wanted. Another series may read the settings in another way.
fn is_new_enough(said: &str, wanted: &str) -> bool {
    let parts = |version: &str| -> Option<Vec<u32>> {
        let parts = version.split('.').map(|part| part.parse().ok());
        parts
            .collect::<Option<Vec<_>>>()
            .filter(|parts| parts.len() == 3)
    };
    let version = said.trim().rsplit('v').next().and_then(parts);
    let (Some(version), Some(wanted)) = (version, parts(wanted)) else {
        return false;
    };
    version[..2] == wanted[..2] && version[2] >= wanted[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_series_or_an_older_one_is_refused() {
        for (said, expected) in [
            ("mdbook v0.5.4\n", true),
            ("mdbook v0.5.10", true),
            ("mdbook v0.5.3", false),
            ("mdbook v0.4.52", false),
            ("mdbook v0.6.4", false),
            ("mdbook v1.5.4", false),
            ("mdbook 0.5", false),
            ("", false),
        ] {
            assert_eq!(is_new_enough(said, "0.5.4"), expected, "{said}");
        }
    }

    #[test]
    fn the_version_that_is_named_is_one() {
        assert!(is_new_enough(&format!("mdbook v{VERSION}"), VERSION));
    }
}
