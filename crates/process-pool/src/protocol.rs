//! What is said on a channel. Both say `Hello`, the worker first. Then, time and again,
//! the parent says a `Call` and its arguments, the worker the results and the call's number;
//! or the parent an empty frame, and the worker leaves. The first call is to the
//! initializer, if there is one.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read, Write};
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::codec::{decode, encode, next_item};
use crate::entry::{WorkerEntry, hash};
use crate::frame;
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

    pub(crate) fn send(&self, sink: &mut impl Write) -> io::Result<()> {
        let mut message = Vec::new();
        encode(&mut message, self).map_err(io::Error::other)?;
        frame::write(sink, &[&message])
    }

    pub(crate) fn receive(source: &mut impl Read) -> io::Result<Hello> {
        let message = frame::read(source)?;
        let hello = next_item(&mut &message[..]).and_then(decode);
        hello.map_err(|_| io::Error::new(ErrorKind::InvalidData, "no greeting"))
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
        #[cfg(unix)]
        let place = (MetadataExt::dev(&file), MetadataExt::ino(&file));
        #[cfg(not(unix))]
        let place = ();
        Some(hash((place, file.len(), file.modified().ok())))
    })
}
