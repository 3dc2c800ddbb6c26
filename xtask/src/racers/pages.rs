//! The pages as programs: building them, and finding what was built.

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use xshell::{Shell, cmd};

/// The packages that hold the pages, one for each model.
pub const PACKAGES: [&str; 4] = [
    "examples-sequential",
    "examples-threads",
    "examples-processes",
    "examples-async",
];

/// The programs of the pages and the demo site, built in release.
pub struct Pages {
    programs: HashMap<String, PathBuf>,
    /// Cargo's target directory.
    pub target: PathBuf,
}

impl Pages {
    /// Builds what is raced. Not the whole workspace: Windows cannot replace the xtask that
    /// is running.
    pub fn build() -> Result<Self> {
        let shell = shell()?;
        let cargo = cargo();
        let target = target()?;
        let packages = PACKAGES.iter().chain(&["workloads"]);
        let packages = packages.flat_map(|package| ["--package", package]);
        let format = "--message-format=json-render-diagnostics";
        let build = cmd!(
            shell,
            "{cargo} build --release --bins {packages...} {format}"
        );
        // What cargo said of the package that it runs, this one. Some build scripts ask for
        // it, and would be run anew whenever somebody else starts the build.
        let of_xtask = env::vars_os().map(|(name, _)| name);
        let of_xtask = of_xtask.filter(|name| {
            let name = name.to_string_lossy();
            name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR"
        });
        let messages = of_xtask
            .fold(build, |build, name| build.env_remove(name))
            .quiet()
            .read()
            .context("the pages do not build")?;
        let programs = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Artifact>(line).ok())
            .filter_map(|artifact| Some((artifact.target.name, artifact.executable?)))
            .collect();
        Ok(Pages { programs, target })
    }

    /// Where the program of that name is.
    pub fn program(&self, name: &str) -> Result<&Path> {
        self.programs
            .get(name)
            .map(PathBuf::as_path)
            .with_context(|| format!("the workspace has no program {name}"))
    }
}

/// Cargo's target directory.
pub fn target() -> Result<PathBuf> {
    let (shell, cargo) = (shell()?, cargo());
    let metadata = cmd!(shell, "{cargo} metadata --no-deps --format-version 1");
    let metadata: Metadata = serde_json::from_str(&metadata.quiet().read()?)
        .context("cannot read what cargo metadata says")?;
    Ok(metadata.target_directory)
}

/// The file that a page is.
pub fn source(page: &str) -> PathBuf {
    let (model, _) = page.split_once('-').unwrap_or((page, ""));
    root().join(format!("examples-{model}/src/bin/{page}.rs"))
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR")
        .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&xtask)
        .parent()
        .map_or(PathBuf::new(), Path::to_path_buf)
}

/// A shell in the root of the workspace.
pub fn shell() -> Result<Shell> {
    let shell = Shell::new()?;
    shell.change_dir(root());
    Ok(shell)
}

/// The cargo that runs this program.
fn cargo() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".to_string())
}

#[derive(Deserialize)]
struct Metadata {
    target_directory: PathBuf,
}

/// The one of cargo's messages that names a program; the others lack these fields.
#[derive(Deserialize)]
struct Artifact {
    target: Target,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}
