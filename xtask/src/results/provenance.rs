//! Where a result comes from: which code, on which machine, when, and by which command.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::format;
use crate::racers::build;
use crate::racers::python::Python;

/// Facts that could not be found out are `unknown`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Provenance {
    /// In UTC.
    pub date: String,
    pub command: String,
    /// Followed by `+` if the code was changed since.
    pub commit: String,
    pub rustc: String,
    /// The interpreters that take part.
    pub pythons: Vec<String>,
    /// The nats-server that the machines pages start, if there is one.
    pub nats_server: Option<String>,
    pub cpu: String,
    /// How many cores programs may use.
    pub cores: usize,
    pub os: String,
    /// How many other programs wanted a core on average in the minute before the command.
    pub load: Option<f64>,
    /// The kernel's rule for the speed of the cores: `performance`, `powersave` and the like.
    pub governor: Option<String>,
    /// Variables of the environment that can change results, as `NAME=value`.
    pub environment: Vec<String>,
}

impl Provenance {
    /// `load` was read before anything was built.
    pub fn find(
        load: Option<f64>,
        nats_server: Option<&Path>,
        pythons: &[Python],
    ) -> Self {
        // An argument need not be UTF-8.
        let arguments = env::args_os().skip(1);
        let arguments: Vec<_> = arguments
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect();
        let command = format!("cargo xtask {}", shell_words::join(&arguments));
        Provenance {
            date: utc(SystemTime::now()),
            command: format::visible(&command),
            commit: commit().unwrap_or_else(unknown),
            rustc: said("rustc", &["--version"]).unwrap_or_else(unknown),
            pythons: pythons
                .iter()
                .map(|python| python.version.clone())
                .collect(),
            nats_server: nats_server.and_then(version_of),
            cpu: cpu().unwrap_or_else(unknown),
            cores: cores(),
            os: os(),
            load,
            governor: governor(),
            environment: environment(),
        }
    }

    /// What results depend on most: the date, the machine, and what else ran on it.
    pub fn in_short(&self) -> String {
        let cores = format::counted(self.cores as u64, "core");
        let load = self.load.map(|load| format!(", load {load} before"));
        let load = load.unwrap_or_default();
        format!("{}, {}, {cores}{load}", self.date, self.cpu)
    }

    /// All facts, in one line.
    pub fn describe(&self) -> String {
        let mut facts = vec![
            self.date.clone(),
            self.command.clone(),
            format!("commit {}", self.commit),
            self.rustc.clone(),
        ];
        facts.extend(self.pythons.iter().cloned());
        facts.extend(self.nats_server.clone());
        facts.extend([
            self.cpu.clone(),
            format::counted(self.cores as u64, "core"),
            self.os.clone(),
        ]);
        let governor = self.governor.as_ref();
        facts.extend(governor.map(|governor| format!("governor {governor}")));
        facts.extend(self.load.map(|load| format!("load {load} before")));
        if !self.environment.is_empty() {
            facts.push(format!("with {}", self.environment.join(" ")));
        }
        facts.join(", ")
    }
}

pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

fn unknown() -> String {
    "unknown".to_string()
}

/// The first line that a program prints.
fn said(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    let output = command
        .args(arguments)
        .current_dir(build::root())
        .output()
        .ok()?;
    let line = String::from_utf8_lossy(&output.stdout)
        .lines()
        .next()
        .map(String::from);
    line.filter(|_| output.status.success())
}

/// For instance `nats-server v2.9.10`.
fn version_of(nats_server: &Path) -> Option<String> {
    Some(said(nats_server, &["--version"])?.replace(':', ""))
}

/// Changes in results, and in the texts that are made from them, do not count: they are no
/// code.
fn commit() -> Option<String> {
    const CODE: [&str; 6] = [
        "status",
        "--porcelain",
        "--",
        ".",
        ":!results",
        ":!*README.md",
    ];
    let commit = said("git", &["rev-parse", "--short=10", "HEAD"])?;
    let changed = said("git", &CODE).is_some();
    Some(commit + if changed { "+" } else { "" })
}

fn cpu() -> Option<String> {
    if cfg!(target_os = "macos") {
        return said("sysctl", &["-n", "machdep.cpu.brand_string"]);
    }
    if cfg!(windows) {
        return env::var("PROCESSOR_IDENTIFIER").ok();
    }
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(": ")?.1.to_string())
}

fn os() -> String {
    let linux = || {
        let release = fs::read_to_string("/etc/os-release").ok()?;
        let name = release
            .lines()
            .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
        let kernel = said("uname", &["-sr"])?;
        Some(format!("{} ({kernel})", name.trim_matches('"')))
    };
    linux()
        .or_else(|| said("uname", &["-sr"]))
        .unwrap_or_else(|| env::consts::OS.to_string())
}

/// The load of the minute before.
pub fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg")
        .ok()?
        .split(' ')
        .next()?
        .parse()
        .ok()
}

/// The kernel's rule for the speed of the first core. The other cores usually have the same.
fn governor() -> Option<String> {
    let file = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";
    let governor = fs::read_to_string(file).ok()?;
    Some(governor.trim().to_string())
}

/// Variables that change what runtimes, allocators and the loader do.
fn environment() -> Vec<String> {
    let exact = [
        "LD_PRELOAD",
        "RAYON_NUM_THREADS",
        "RUST_BACKTRACE",
        "RUST_MIN_STACK",
    ];
    let begins = ["GLIBC_TUNABLES", "MALLOC_", "PYTHON", "TOKIO_"];
    let bends = |name: &str| {
        exact.contains(&name) || begins.iter().any(|begin| name.starts_with(begin))
    };
    let variables = env::vars_os().filter_map(|(name, value)| {
        let name = name.to_str().filter(|name| bends(name))?;
        Some(format!("{name}={}", value.to_string_lossy()))
    });
    let mut variables: Vec<_> = variables.collect();
    variables.sort();
    variables
}

/// For instance `2026-11-22 10:18 UTC`.
fn utc(time: SystemTime) -> String {
    let text = humantime::format_rfc3339_seconds(time).to_string();
    let minutes = text.get(..16).unwrap_or(&text);
    minutes.replace('T', " ") + " UTC"
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_date_has_minutes() {
        let time = UNIX_EPOCH + Duration::from_secs(1_795_342_683);
        assert_eq!(utc(time), "2026-11-22 10:18 UTC");
    }
}
