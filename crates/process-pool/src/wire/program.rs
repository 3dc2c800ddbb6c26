//! The file of this program. Workers are started from it, and it tells two builds apart.

use std::io;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::OnceLock;

use super::function::hash;

/// The file of this program, to start it again. Linux has it in `/proc`, even if the file
/// has been deleted or replaced.
///
/// # Errors
/// If there is no `/proc`, or the path is not known.
pub(crate) fn running_program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        let running = PathBuf::from("/proc/self/exe");
        if running.exists() {
            return Ok(running);
        }
    }
    std::env::current_exe().map_err(|error| {
        let source = match cfg!(target_os = "linux") {
            true => "/proc/self/exe, from which workers are started, cannot be read",
            false => {
                "the path of this program, from which workers are started, is unknown"
            }
        };
        io::Error::new(error.kind(), format!("{source}: {error}"))
    })
}

/// Identifies this program's file. It is read once, when the worker entry is entered, so it
/// stays right if the file is replaced later.
pub(crate) fn program_file() -> Option<u64> {
    static FILE: OnceLock<Option<u64>> = OnceLock::new();
    *FILE.get_or_init(|| {
        let file = std::fs::metadata(running_program().ok()?).ok()?;
        #[cfg(unix)]
        let place = (MetadataExt::dev(&file), MetadataExt::ino(&file));
        #[cfg(not(unix))]
        let place = ();
        Some(hash((place, file.len(), file.modified().ok())))
    })
}
