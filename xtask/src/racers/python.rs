//! CPython in the race: an interpreter, and a virtual environment with what its programs need.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use xshell::cmd;

use crate::racers::{build, programs};
use crate::stderr::say;

/// An interpreter that can run the programs in `python/`.
#[derive(Clone)]
pub struct Python {
    /// The names of its racers begin with this: `python`, or, if there are several
    /// interpreters, `python` and the version, for instance `python3.13.0t`.
    pub label: String,
    /// The interpreter of the virtual environment.
    pub interpreter: PathBuf,
    /// The interpreter that makes the virtual environment.
    base: PathBuf,
    /// The virtual environment.
    folder: PathBuf,
    /// For instance `CPython 3.14.0 (free-threaded)`.
    pub version: String,
}

impl Python {
    /// The interpreters that were named, or the first that is found.
    pub fn find_all(target: &Path, named: &[PathBuf]) -> Result<Vec<Self>> {
        let mut pythons = Vec::new();
        if named.is_empty() {
            let (interpreter, version) = find()?;
            pythons.push(Python::new(target, interpreter, version));
        }
        for interpreter in named {
            let interpreter = programs::find(interpreter)?;
            let version = version(&interpreter)?;
            pythons.push(Python::new(target, interpreter, version));
        }
        if let [python] = &mut pythons[..] {
            python.label = "python".to_string();
        }
        let mut labels = HashSet::new();
        if let Some(twice) = pythons.iter().find(|python| !labels.insert(&python.label)) {
            bail!(
                "two interpreters are {}; name different ones",
                twice.version
            );
        }
        Ok(pythons)
    }

    fn new(target: &Path, base: PathBuf, version: String) -> Self {
        let folder = target
            .join("python-for-races")
            .join(version.replace(' ', "-"));
        let program = if cfg!(windows) {
            "Scripts/python.exe"
        } else {
            "bin/python"
        };
        Python {
            label: label(&version),
            interpreter: folder.join(program),
            base,
            folder,
            version,
        }
    }

    /// Makes its virtual environment in the target directory, if there is none yet.
    pub fn prepare(&self) -> Result<()> {
        let Python {
            base,
            folder,
            interpreter,
            ..
        } = self;
        let requirements = build::root().join("python").join("requirements.txt");
        let wanted = fs::read_to_string(&requirements)
            .with_context(|| format!("cannot read {}", requirements.display()))?;
        // Only one xtask at a time may do this: two would install into the same folder.
        let parent = folder.parent().unwrap_or(folder);
        let _lock = fs::create_dir_all(parent)
            .and_then(|()| File::create(parent.join(".lock")))
            .and_then(|lock| lock.lock().map(|()| lock))
            .with_context(|| format!("cannot write to {}", parent.display()))?;
        // This file is written last: if it exists, the environment is complete.
        let stamp = folder.join("finished");
        let made_for = format!("{}\n{wanted}", base.display());
        if fs::read_to_string(&stamp).is_ok_and(|finished| finished == made_for) {
            return Ok(());
        }
        say(&format!(
            "making a virtual environment in {}",
            folder.display()
        ));
        let shell = build::shell()?;
        cmd!(shell, "{base} -m venv --clear {folder}")
            .quiet()
            .run()
            .context("python -m venv")?;
        let pip = cmd!(
            shell,
            "{interpreter} -m pip install --quiet --disable-pip-version-check"
        );
        pip.arg("--requirement")
            .arg(&requirements)
            .quiet()
            .run()
            .context("pip install")?;
        fs::write(&stamp, made_for)
            .with_context(|| format!("cannot write {}", stamp.display()))?;
        Ok(())
    }

    /// The program that is the counterpart of a page.
    pub fn program(page: &str) -> PathBuf {
        let file = format!("{}.py", page.replace('-', "_"));
        build::root().join("python").join(file)
    }
}

/// For instance `python3.13.0t` for `CPython 3.13.0 free-threaded`.
fn label(version: &str) -> String {
    let number = version.split(' ').nth(1).unwrap_or_default();
    let free = if version.ends_with("free-threaded") {
        "t"
    } else {
        ""
    };
    format!("python{number}{free}")
}

fn find() -> Result<(PathBuf, String)> {
    let names = [
        "python3",
        "python3.14",
        "python3.13",
        "python3.12",
        "python3.11",
        "python",
    ];
    let found = names.into_iter().find_map(|name| {
        let path = programs::find(Path::new(name)).ok()?;
        let version = version(&path).ok()?;
        Some((path, version))
    });
    found.context(
        "no Python 3.11 or later found; install one, or name one with --python-interpreter",
    )
}

/// Asks an interpreter for its version, and fails if that is too old.
fn version(interpreter: &Path) -> Result<String> {
    const QUESTION: &str = "import platform, sys, sysconfig; \
        free = sysconfig.get_config_var('Py_GIL_DISABLED'); \
        print(sys.version_info >= (3, 11), platform.python_implementation(), \
              platform.python_version() + (' free-threaded' if free else ''))";
    let name = interpreter.display();
    let output = Command::new(interpreter)
        .args(["-c", QUESTION])
        .output()
        .with_context(|| format!("cannot start {name}"))?;
    let answer = String::from_utf8_lossy(&output.stdout);
    match answer.trim().split_once(' ') {
        Some(("True", version)) => Ok(version.to_string()),
        Some(("False", version)) => bail!("{name} is {version}; 3.11 or later is needed"),
        _ => bail!("{name} does not say which Python it is"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_tell_versions_apart() {
        assert_eq!(label("CPython 3.11.7"), "python3.11.7");
        assert_eq!(label("CPython 3.13.0 free-threaded"), "python3.13.0t");
    }

    #[test]
    fn what_is_no_python_is_an_error() {
        let error = version(Path::new("./no-such-python")).unwrap_err();
        assert_eq!(error.to_string(), "cannot start ./no-such-python");
    }

    #[test]
    #[cfg(unix)]
    fn what_does_not_answer_like_python_is_an_error() {
        let error = version(Path::new("true")).unwrap_err();
        assert_eq!(error.to_string(), "true does not say which Python it is");
    }
}
