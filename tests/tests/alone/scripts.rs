//! Shell scripts that take part in a race, and programs that stand in for others.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tests::{Program, left_out};

use crate::race::xtask;

/// The right results of `--numbers 2,3`.
pub const RIGHT: &str = "echo 'Calculation for 2 returned 1'\n\
                         echo 'Calculation for 3 returned 5'\n";

/// Writes a program into a folder. It is a shell script unless it says otherwise.
pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let file = folder.join(name);
    let shebang = match text.starts_with("#!") {
        true => "",
        false => "#!/bin/sh\n",
    };
    fs::write(&file, format!("{shebang}{text}")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    file
}

/// A race of the numbers 2 and 3 between the threads page and these scripts.
pub fn race(folder: &Path, options: &str, scripts: &[(&str, &str)]) -> Program {
    let names: Vec<_> = scripts.iter().map(|(name, _)| *name).collect();
    let only = format!("--only=threads,{}", names.join(","));
    let arguments = format!("compare heavy-calculation --numbers 2,3 {options} {only}");
    let mut race = xtask(&arguments, folder);
    for (name, text) in scripts {
        let file = write(folder, name, text);
        race = race.arg(format!("--also={name}={}", file.display()));
    }
    race
}

/// A cargo that knows the workspace and cannot build it. See [`has_built`].
pub fn cargo_that_cannot_build(folder: &Path) -> PathBuf {
    let text = format!(
        "[ \"$1\" = metadata ] && exec '{}' \"$@\"\n\
         echo \"$@\" >> \"$0.log\"\n\
         exit 101\n",
        env!("CARGO")
    );
    write(folder, "cargo", &text)
}

/// Whether a cargo that cannot build was told to build.
pub fn has_built(cargo: &Path) -> bool {
    cargo.with_extension("log").exists()
}

/// Where a program is that is looked for on the `PATH`.
pub fn on_the_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap();
    let mut files = env::split_paths(&path).map(|folder| folder.join(name));
    files.find(|file| file.is_file())
}

/// The nats-server that a race would take.
pub fn nats_server() -> Option<PathBuf> {
    let name = env::var("NATS_SERVER").unwrap_or("nats-server".to_string());
    on_the_path(&name)
}

/// Whether a program that a test needs is on the `PATH`. See [`left_out`].
pub fn is_there(name: &str, required: &str) -> bool {
    let is_there = on_the_path(name).is_some();
    if !is_there {
        left_out(name, "a package of that name has it", required);
    }
    is_there
}
