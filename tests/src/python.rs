//! The twins of the pages in Python.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Program, left_out, root};

/// The interpreter that has the libraries of the twins. If there is none, this prints that.
/// With `REQUIRE_PYTHON` it panics instead.
pub fn interpreter() -> Option<PathBuf> {
    let python = root().join("target/python/bin/python");
    if python.exists() {
        return Some(python);
    }
    let how = "python/README.md has the two commands that make it";
    left_out("target/python", how, "REQUIRE_PYTHON");
    None
}

/// The twins of these pages. None without an interpreter.
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

/// Whether a program in Python can run here. If it cannot, this prints that.
pub fn can_run(file: &Path) -> bool {
    let source = fs::read_to_string(file).expect("a program can be read");
    let missing = what_is_missing(&source);
    if let Some(missing) = missing {
        eprintln!("skipped: {} needs {missing}", file.display());
    }
    missing.is_none()
}

fn what_is_missing(source: &str) -> Option<&'static str> {
    // CPython keeps the locks that processes share in this folder, which some containers lack.
    let words = ["multiprocessing", "ProcessPoolExecutor"];
    let shares_locks = words.iter().any(|word| source.contains(word));
    if cfg!(target_os = "linux") && shares_locks && !Path::new("/dev/shm").is_dir() {
        return Some("/dev/shm");
    }
    // Python's library cannot make certificates, so these twins call openssl.
    let needs_openssl = source.contains("\"openssl ");
    let openssl = || Command::new("openssl").arg("version").output();
    (needs_openssl && openssl().is_err()).then_some("the program openssl")
}

/// The libraries that twins of the phrasebook need.
const LIBRARIES: [&str; 3] = ["asyncpg", "psycopg", "psycopg_pool"];

/// Those libraries of the phrasebook that an interpreter lacks.
pub fn missing_libraries(program: &Path) -> Vec<&'static str> {
    let print = "import importlib.util, sys\n\
        for name in sys.argv[1:]:\n    \
            if not importlib.util.find_spec(name): print(name)";
    let mut command = Command::new(program);
    command.args(["-c", print]).args(LIBRARIES);
    let missing = Program::from(command).expect(0).stdout;
    let is_missing = |library: &&str| missing.lines().any(|line| line == *library);
    LIBRARIES.into_iter().filter(is_missing).collect()
}

/// Whether a program in Python imports none of these libraries. If it does, this prints that.
pub fn can_import(file: &Path, missing: &[&str]) -> bool {
    let source = fs::read_to_string(file).expect("a program can be read");
    let mut modules = source.lines().filter_map(|line| {
        let module = line
            .strip_prefix("import ")
            .or(line.strip_prefix("from "))?;
        module.split([' ', '.']).next()
    });
    let library = modules.find(|module| missing.contains(module));
    if let Some(library) = library {
        eprintln!("skipped: {} needs {library}", file.display());
    }
    library.is_none()
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
