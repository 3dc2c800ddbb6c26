//! The pages as programs: building them, and finding what was built.

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;
use xshell::{Shell, cmd};

use crate::racers::workload::{Model, Workload};

/// The packages that hold the pages, one for each model.
pub const PACKAGES: [&str; 5] = [
    "examples-sequential",
    "examples-threads",
    "examples-processes",
    "examples-async",
    MACHINES,
];

/// The one whose pages start a server that not every machine has.
const MACHINES: &str = "examples-machines";

/// The programs of the pages and the demo site, built in release.
pub struct Pages {
    programs: HashMap<String, PathBuf>,
    /// Cargo's target directory.
    pub target: PathBuf,
    /// Whether the machines pages are among them.
    has_machines: bool,
}

impl Pages {
    /// Builds what is raced. Not the whole workspace: Windows cannot replace the xtask that
    /// is running.
    pub fn build() -> Result<Self> {
        let shell = shell()?;
        let cargo = cargo();
        let target = target()?;
        let has_machines = nats_server().is_some();
        if !has_machines {
            eprintln!(
                "note: machines does not take part: no nats-server is found, neither on the \
                 PATH nor by the variable NATS_SERVER (Debian: apt install nats-server, into \
                 /usr/sbin; Homebrew: brew install nats-server)"
            );
        }
        let packages = PACKAGES.iter().chain(&["workloads"]);
        let packages = packages.filter(|package| has_machines || **package != MACHINES);
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
        Ok(Pages {
            programs,
            target,
            has_machines,
        })
    }

    /// The pages of a workload that can be run here; the baseline first.
    pub fn of(&self, workload: Workload) -> impl Iterator<Item = &'static str> {
        let pages = workload.pages().iter().copied();
        pages.filter(|page| self.has_machines || Model::of(page) != Model::Machines)
    }

    /// Where the program of that name is.
    pub fn program(&self, name: &str) -> Result<&Path> {
        self.programs
            .get(name)
            .map(PathBuf::as_path)
            .with_context(|| format!("the workspace has no program {name}"))
    }
}

/// The server that the machines pages start: the program that `NATS_SERVER` names, else the
/// one on the PATH. `None` if there is none that runs.
pub fn nats_server() -> Option<PathBuf> {
    let server = env::var_os("NATS_SERVER").unwrap_or_else(|| "nats-server".into());
    let server = PathBuf::from(server);
    let version = Command::new(&server).arg("--version").output();
    version
        .is_ok_and(|output| output.status.success())
        .then_some(server)
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
