//! The output folder.

use std::fs::{self, File, TryLockError};
use std::path::{self, Path, PathBuf};
use std::process;

use anyhow::{Context, Result, bail};

pub struct Folder {
    path: PathBuf,
    /// Held as long as this task writes to the folder.
    _lock: Option<File>,
}

impl Folder {
    /// The folder that `--output` names, or `compare` in cargo's target directory. Racers are
    /// started in it and read their URLs there, so only one task at a time can use it.
    pub fn output(named: Option<&Path>, target: &Path) -> Result<Self> {
        let path = match named {
            Some(path) => path::absolute(path)?,
            None => target.join("compare"),
        };
        let mut folder = Folder::create(path)?;
        folder._lock = Some(lock(&folder.path)?);
        Ok(folder)
    }

    pub fn create(path: PathBuf) -> Result<Self> {
        fs::create_dir_all(&path)
            .with_context(|| format!("cannot create the folder {}", path.display()))?;
        Ok(Folder { path, _lock: None })
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

/// Locks a folder for this process. The lock ends when the file is dropped, and also when the
/// process is killed.
fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(".lock");
    let cannot_write = || format!("cannot write to the folder {}", folder.display());
    let file = File::create(&path).with_context(cannot_write)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "another race writes to {}; wait for its end, or name another folder with --output",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(cannot_write),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

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

    #[test]
    fn an_output_folder_is_for_one_task_at_a_time() {
        let path = test_folder("lock");
        let target = Path::new("not needed");
        let folder = Folder::output(Some(&path), target).unwrap();
        let error = Folder::output(Some(&path), target).err().unwrap();
        assert!(error.to_string().starts_with("another race writes to "));
        drop(folder);
        // Another test may be starting a program, which holds copies of all open files until it
        // runs.
        let start = Instant::now();
        while Folder::output(Some(&path), target).is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "still locked");
        }
        fs::remove_dir_all(path).unwrap();
    }

    fn test_folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("xtask-files-{name}-{}", process::id()))
    }
}
