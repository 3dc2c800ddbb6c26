//! What a result is a result of: which code, on what, when, and by which command.

use std::env;
use std::fs;
use std::num::NonZero;
use std::process::Command;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::racers::pages;
use crate::racers::python::Python;

/// Facts that could not be found out are `unknown`.
#[derive(Serialize, Deserialize)]
pub struct Machine {
    /// In UTC.
    pub date: String,
    pub command: String,
    /// Followed by `+` if files differ from it.
    pub commit: String,
    pub rustc: String,
    /// If it is in the race.
    pub python: Option<String>,
    pub cpu: String,
    /// How many cores programs may use.
    pub cores: usize,
    pub os: String,
    /// How many other programs wanted a core on average in the minute before.
    pub load: Option<f64>,
}

impl Machine {
    pub fn look(python: Option<&Python>) -> Self {
        let arguments: Vec<_> = env::args().skip(1).collect();
        Machine {
            date: utc(SystemTime::now()),
            command: format!("cargo xtask {}", arguments.join(" ")),
            commit: commit().unwrap_or_else(unknown),
            python: python.map(|python| python.version.clone()),
            rustc: said("rustc", &["--version"]).unwrap_or_else(unknown),
            cpu: cpu().unwrap_or_else(unknown),
            cores: cores(),
            os: os(),
            load: load(),
        }
    }

    /// In one line.
    pub fn describe(&self) -> String {
        let Machine {
            date,
            command,
            commit,
            rustc,
            cpu,
            cores,
            os,
            ..
        } = self;
        let python = self.python.as_ref().map(|python| format!(", {python}"));
        let load = self.load.map(|load| format!(", load before {load}"));
        let (python, load) = (python.unwrap_or_default(), load.unwrap_or_default());
        format!(
            "{date}, `{command}`, commit {commit}, {rustc}{python}, {cpu}, {cores} cores, \
             {os}{load}"
        )
    }
}

pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

fn unknown() -> String {
    "unknown".to_string()
}

/// What a program says in its first line.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    let output = command
        .args(arguments)
        .current_dir(pages::root())
        .output()
        .ok()?;
    let line = String::from_utf8_lossy(&output.stdout)
        .lines()
        .next()
        .map(String::from);
    line.filter(|_| output.status.success())
}

fn commit() -> Option<String> {
    let commit = said("git", &["rev-parse", "--short=10", "HEAD"])?;
    let changed = said("git", &["status", "--porcelain"]).is_some();
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

fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg")
        .ok()?
        .split(' ')
        .next()?
        .parse()
        .ok()
}

/// For instance `2026-11-22 10:18 UTC`. The standard library has times but no dates; this is
/// Howard Hinnant's `civil_from_days`.
fn utc(time: SystemTime) -> String {
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    let (days, second) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Months from March, so that the leap day is the last of its year.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let year = year + era * 400 + next;
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn dates() {
        let cases = [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_399, "2000-02-28 23:59 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (1_735_689_599, "2024-12-31 23:59 UTC"),
            (1_795_342_683, "2026-11-22 10:18 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
        ];
        for (seconds, date) in cases {
            assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(seconds)), date);
        }
    }
}
