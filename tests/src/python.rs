//! The twins of the pages in Python.

use std::fs;
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
        can_run(&file).then_some((page, move || script(&python, &file)))
    };
    pages.into_iter().filter_map(twin).collect()
}

/// Whether a program in Python can run here. CPython keeps the locks that processes share in
/// `/dev/shm`, which some containers lack. Where it cannot run, this says so.
pub fn can_run(file: &Path) -> bool {
    if cfg!(not(target_os = "linux")) || Path::new("/dev/shm").is_dir() {
        return true;
    }
    let source = fs::read_to_string(file).expect("a program can be read");
    let words = ["multiprocessing", "ProcessPoolExecutor"];
    let shares_locks = words.iter().any(|word| source.contains(word));
    if shares_locks {
        eprintln!("skipped: {} needs /dev/shm", file.display());
    }
    !shares_locks
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
