//! What is said on a channel. Both say `Hello`, the worker first. Then, time and again,
//! the parent says a `Call` and its arguments, the worker the results and the call's number;
//! or the parent an empty frame, and the worker leaves. The first call is to the
//! initializer, if there is one.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::entry::WorkerEntry;
use crate::guard;
use crate::process::running_program;

/// The first words on a channel.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hello {
    magic: [u8; 8],
    version: String,
    /// How many pools the process is inside of, as far as it knows.
    pub(crate) depth: u32,
    /// Which functions the program names.
    names: u64,
    /// Which file the program is.
    file: Option<u64>,
}

/// The head of a task's frame; the arguments follow.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Call<'a> {
    /// The answer ends with it, in eight bytes.
    pub(crate) number: u64,
    pub(crate) is_initializer: bool,
    pub(crate) function: Cow<'a, str>,
    /// A hash of its type, if both are the same program; otherwise of the names of what it
    /// takes and returns.
    pub(crate) key: u64,
    /// How often the function is called: how many arguments follow.
    pub(crate) calls: u32,
}

impl Hello {
    /// What this process says.
    pub(crate) fn new() -> Hello {
        Hello {
            magic: *b"procpool",
            version: env!("CARGO_PKG_VERSION").to_owned(),
            depth: guard::depth(),
            names: WorkerEntry::entered().map_or(0, WorkerEntry::names),
            file: program_file(),
        }
    }

    /// Refuses `self`, from a worker, when it does not fit `ours`. The builds may differ
    /// when the worker is another program on purpose.
    pub(crate) fn check(&self, ours: &Hello, same_program: bool) -> Result<(), String> {
        if self.magic != ours.magic || self.version != ours.version {
            return Err(format!(
                "the worker speaks version {:?} of the protocol",
                self.version
            ));
        }
        // Linux starts workers from the running program itself.
        let same_file = cfg!(target_os = "linux") || self.file == ours.file;
        if same_program && (self.names != ours.names || !same_file) {
            return Err("the worker runs another build of this program".to_owned());
        }
        Ok(())
    }

    /// Whether both are the same program for certain, so that a type has the same hash in
    /// both.
    pub(crate) fn same_file(&self, ours: &Hello) -> bool {
        self.file.is_some() && self.file == ours.file
    }
}

/// Tells this program's file from others, also from one that takes its place later: it is
/// looked at once, on entry.
pub(crate) fn program_file() -> Option<u64> {
    static FILE: OnceLock<Option<u64>> = OnceLock::new();
    *FILE.get_or_init(|| {
        let file = std::fs::metadata(running_program().ok()?).ok()?;
        let mut hash = DefaultHasher::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            (file.dev(), file.ino()).hash(&mut hash);
        }
        (file.len(), file.modified().ok()).hash(&mut hash);
        Some(hash.finish())
    })
}
