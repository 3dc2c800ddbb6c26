//! The twins of the pages in Python.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Program, root};

/// The interpreter that has the libraries of the twins. Where there is none this says so,
/// which `REQUIRE_PYTHON` forbids.
pub fn interpreter() -> Option<PathBuf> {
    let python = root().join("target/python/bin/python");
    if python.exists() {
        return Some(python);
    }
    let is_required = std::env::var_os("REQUIRE_PYTHON").is_some();
    assert!(!is_required, "there is no {}", python.display());
    eprintln!("skipped: there is no {}", python.display());
    None
}

/// The twins of these pages; none without an interpreter.
pub fn twins_of(
    pages: impl IntoIterator<Item = &'static str>,
) -> Vec<(&'static str, impl Fn() -> Program)> {
    let Some(python) = interpreter() else {
        return Vec::new();
    };
    let twin = |page: &'static str| {
        let python = python.clone();
        let file = root().join("python").join(file_name(page));
        (page, move || script(&python, &file))
    };
    pages.into_iter().map(twin).collect()
}

/// A program in Python.
pub fn script(python: &Path, file: &Path) -> Program {
    let mut command = Command::new(python);
    command.arg(file);
    Program::from(command)
}

/// The file of a page's twin.
pub fn file_name(page: &str) -> String {
    page.replace('-', "_") + ".py"
}
