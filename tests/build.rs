//! Makes one program of all async pages of the phrasebook. `examples/async-pages.rs` includes
//! it. Each page is a module, and a runtime of that program replaces the page's
//! `#[tokio::main]`.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let phrasebook = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../phrasebook");
    println!("cargo::rerun-if-changed={}", phrasebook.display());
    let mut modules = String::new();
    let mut table = String::new();
    for package in entries(&phrasebook)? {
        for file in entries(&package.join("examples"))? {
            let name = file.file_stem().ok_or("a page has a name")?;
            let name = name.to_str().ok_or("a page's name is UTF-8")?;
            let source = fs::read_to_string(&file)?;
            let Some((is_paused, source)) = with_another_runtime(&source) else {
                continue;
            };
            let module = name.replace('-', "_");
            writeln!(modules, "mod {module} {{\n{source}}}\n")?;
            writeln!(
                table,
                "    Page {{ name: {name:?}, is_paused: {is_paused}, run: {module}::run_page }},"
            )?;
        }
    }
    let program = format!("{modules}static PAGES: &[Page] = &[\n{table}];\n");
    let folder = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(folder.join("async_pages.rs"), program)?;
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        entries.push(entry?.path());
    }
    entries.sort();
    Ok(entries)
}

/// A page with the runtime of this program in place of its `#[tokio::main]`, and whether the
/// page pauses the clock. `None` for a page without `#[tokio::main]`, and for a page about the
/// kinds of runtimes.
fn with_another_runtime(source: &str) -> Option<(bool, String)> {
    if source.matches("\n#[tokio::main").count() > 1 {
        return None;
    }
    let (before, rest) = source.split_once("\n#[tokio::main")?;
    let (options, rest) = rest.split_once("]\nasync fn ")?;
    let (signature, rest) = rest.split_once(" {\n")?;
    if options.contains("local") || options.contains("multi_thread") {
        return None;
    }
    let is_paused = options.contains("start_paused = true");
    let name = signature.split('(').next()?;
    let code: String = before
        .lines()
        .filter(|line| !line.starts_with("//!"))
        .map(|line| format!("{line}\n"))
        .collect();
    // A page for Unix alone has `#[cfg(unix)]` above it.
    let cfg = match code.lines().last() {
        Some(attribute) if attribute.starts_with("#[cfg(") => attribute,
        _ => "",
    };
    let source = format!(
        "{code}fn {signature} {{ super::block_on(async_{name}()) }}\n\
         {cfg}\nasync fn async_{signature} {{\n{rest}\
         pub fn run_page() -> std::process::ExitCode {{ super::report(main) }}\n"
    );
    Some((is_paused, source))
}
