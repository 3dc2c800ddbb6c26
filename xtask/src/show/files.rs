//! The output folder.

use std::fs;
use std::path::{self, Path, PathBuf};
use std::process;

use anyhow::{Context, Result};

pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder that `--output` names, or `compare` in cargo's target directory.
    pub fn output(named: Option<&Path>, target: &Path) -> Result<Self> {
        match named {
            // Racers are started in it.
            Some(path) => Folder::create(path::absolute(path)?),
            None => Folder::create(target.join("compare")),
        }
    }

    pub fn create(path: PathBuf) -> Result<Self> {
        fs::create_dir_all(&path)
            .with_context(|| format!("cannot create the folder {}", path.display()))?;
        Ok(Folder { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file whole or not at all: a reader never sees half of it, and a full disk
    /// leaves the last good one in place.
    pub fn write(&self, name: &str, contents: &str) -> Result<PathBuf> {
        let path = self.path.join(name);
        let temporary = self.path.join(format!(".{name}.{}", process::id()));
        fs::write(&temporary, contents)
            .and_then(|()| fs::rename(&temporary, &path))
            .inspect_err(|_| drop(fs::remove_file(&temporary)))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// Writes a shell script, and lets it be run.
    pub fn write_script(&self, name: &str, contents: &str) -> Result<PathBuf> {
        let path = self.write(name, contents)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
                .with_context(|| format!("cannot make {} executable", path.display()))?;
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_file_and_leaves_nothing_else() {
        let folder = Folder::create(test_folder("replace")).unwrap();
        folder.write("a.txt", "old").unwrap();
        let path = folder.write("a.txt", "new").unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::remove_dir_all(folder.path()).unwrap();
    }

    #[test]
    fn a_write_that_fails_names_the_file_and_leaves_nothing() {
        let folder = Folder::create(test_folder("fail")).unwrap();
        fs::create_dir(folder.path().join("taken")).unwrap();
        let error = folder.write("taken", "text").unwrap_err();
        assert!(format!("{error:#}").contains("taken"), "{error:#}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::remove_dir_all(folder.path()).unwrap();
    }

    fn test_folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("xtask-files-{name}-{}", process::id()))
    }
}
