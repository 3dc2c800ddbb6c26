//! Programs by their names, found such that they can be started from any folder.

use std::env;
use std::io;
use std::path::{self, Path, PathBuf};

/// The path of a program, which can be started from any folder.
///
/// A name without a separator is looked for on the `PATH`, in relative folders as well. A name
/// with a separator is a path that starts in the current folder. Racers run in the output
/// folder, where a relative path would lead somewhere else.
///
/// If a name is not found it is returned unchanged.
///
/// # Errors
///
/// If there is no current folder.
pub fn find(program: &Path) -> io::Result<PathBuf> {
    if program.components().count() > 1 {
        return path::absolute(program);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut with_suffix = program.as_os_str().to_os_string();
    with_suffix.push(env::consts::EXE_SUFFIX);
    for folder in env::split_paths(&path) {
        // An empty entry is the current folder.
        let folder = path::absolute(Path::new(".").join(folder))?;
        let file = folder.join(&with_suffix);
        if file.is_file() {
            return Ok(file);
        }
    }
    Ok(program.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_seen_from_the_current_folder_and_a_name_is_looked_for() {
        let here = env::current_dir().unwrap();
        assert_eq!(find(Path::new("./a")).unwrap(), here.join("a"));
        assert_eq!(find(Path::new("a/b")).unwrap(), here.join("a/b"));
        let unknown = Path::new("no-such-program-anywhere");
        assert_eq!(find(unknown).unwrap(), unknown);
        let cargo = find(Path::new("cargo")).unwrap();
        assert!(cargo.is_absolute(), "{cargo:?}");
    }
}
