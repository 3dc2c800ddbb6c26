//! The messages on a channel.
//!
//! Both sides send a [`Hello`], the worker first. Then the pool sends tasks, one at a time:
//! a [`TaskHeader`] and its [`Arguments`]. The worker answers each with the results and the
//! task's number. An empty frame asks the worker to exit. The first task is the
//! initializer, if there is one.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::frame;
use super::function::Build;
use super::nesting;
use super::program::program_file;
use super::value::{decode, encode, next_item};
use crate::error::{Error, Value};

/// The first message on a channel.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hello {
    magic: [u8; 8],
    version: String,
    /// How many pools the process is nested in, as far as it knows.
    pub(crate) depth: u32,
    /// A hash of the names of its functions.
    names: u64,
    /// Identifies the program's file.
    file: Option<u64>,
}

impl Hello {
    /// The message of this process, where `names` is the hash of its functions' names.
    pub(crate) fn new(names: u64) -> Hello {
        Hello {
            magic: *b"procpool",
            version: env!("CARGO_PKG_VERSION").to_owned(),
            depth: nesting::depth(),
            names,
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

    /// Returns an error text if `self`, from a worker, does not match `ours`. If the worker
    /// is meant to be another program, the builds may differ.
    pub(crate) fn check(&self, ours: &Hello, same_program: bool) -> Result<(), String> {
        if self.magic != ours.magic || self.version != ours.version {
            return Err(format!(
                "the worker speaks version {:?} of the protocol",
                self.version
            ));
        }
        // On Linux a worker is always started from the running program's file.
        let same_file = cfg!(target_os = "linux") || self.file == ours.file;
        if same_program && (self.names != ours.names || !same_file) {
            return Err("the worker runs another build of this program".to_owned());
        }
        Ok(())
    }

    /// How the two name functions.
    pub(crate) fn build(&self, ours: &Hello) -> Build {
        match self.file.is_some() && self.file == ours.file {
            true => Build::Same,
            false => Build::Other,
        }
    }
}

/// Stands before the arguments of a task.
#[derive(Debug)]
pub(crate) struct TaskHeader<'a> {
    /// The task's number. The answer ends with it, in eight bytes.
    pub(crate) number: u64,
    pub(crate) is_initializer: bool,
    pub(crate) function: Cow<'a, str>,
    /// The function's [key](super::function::FunctionId::key).
    pub(crate) key: u64,
    /// How many arguments follow: the function is called once for each.
    pub(crate) arguments: u32,
}

/// The header as it is sent. It is small and sent often, so it goes without field names.
type HeaderFields<'a> = (u64, bool, Cow<'a, str>, u64, u32);

impl TaskHeader<'_> {
    pub(crate) fn encode(self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::with_capacity(96);
        let fields: HeaderFields = (
            self.number,
            self.is_initializer,
            self.function,
            self.key,
            self.arguments,
        );
        encode(&mut bytes, &fields)?;
        Ok(bytes)
    }

    /// Takes a header off the front of a task.
    pub(crate) fn next(task: &mut &[u8]) -> Result<TaskHeader<'static>, String> {
        let fields: HeaderFields<'static> = decode(next_item(task)?)?;
        let (number, is_initializer, function, key, arguments) = fields;
        Ok(TaskHeader {
            number,
            is_initializer,
            function,
            key,
            arguments,
        })
    }
}

/// The encoded arguments of a task.
#[derive(Clone, Default)]
pub(crate) struct Arguments {
    pub(crate) count: u32,
    pub(crate) bytes: Vec<u8>,
}

/// Why an argument was not added.
pub(crate) enum Refused {
    /// It does not fit into the frame with the other arguments.
    NoRoom,
    /// It cannot be sent, also not alone.
    Invalid(String),
}

impl Arguments {
    /// Adds an argument. On an error, changes nothing.
    pub(crate) fn push<I: Serialize>(&mut self, argument: &I) -> Result<(), Refused> {
        let length = self.bytes.len();
        encode(&mut self.bytes, argument).map_err(Refused::Invalid)?;
        if let Err(message) = frame::has_room(&self.bytes) {
            self.bytes.truncate(length);
            return Err(match self.count {
                0 => Refused::Invalid(message),
                _ => Refused::NoRoom,
            });
        }
        self.count += 1;
        Ok(())
    }
}

/// The byte before each result: it says whether a value or a [`Failure`] follows.
const VALUE: u8 = 0;
const FAILURE: u8 = 1;

/// Appends a result. On an error, changes nothing.
///
/// # Errors
/// The message of serde, or of the value's own `Serialize`.
pub(crate) fn push_value<O: Serialize>(
    results: &mut Vec<u8>,
    value: &O,
) -> Result<(), String> {
    let start = results.len();
    results.push(VALUE);
    encode(results, value).inspect_err(|_| results.truncate(start))
}

/// Appends the failure of a call.
pub(crate) fn push_failure(results: &mut Vec<u8>, failure: &Failure) {
    results.push(FAILURE);
    // A failure can always be encoded, and writing to memory does not fail.
    let _ = encode(results, failure);
}

/// A result that has not been decoded.
pub(crate) struct EncodedResult<'a> {
    kind: u8,
    item: &'a [u8],
}

/// Takes the next result off the front. The next call gets the next one even if this one
/// cannot be decoded.
pub(crate) fn next_result<'a>(
    results: &mut &'a [u8],
) -> Result<EncodedResult<'a>, String> {
    let (kind, rest) = results.split_first().ok_or("the results end too early")?;
    *results = rest;
    let item = next_item(results)?;
    Ok(EncodedResult { kind: *kind, item })
}

impl EncodedResult<'_> {
    pub(crate) fn decode<O: DeserializeOwned>(
        self,
    ) -> Result<Result<O, Failure>, String> {
        match self.kind {
            VALUE => decode(self.item).map(Ok),
            FAILURE => decode(self.item).map(Err),
            _ => Err("neither a value nor a failure".to_owned()),
        }
    }
}

/// What a worker sends instead of a result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Failure {
    Panicked(Panic),
    Serialize(Value, String),
    NotRegistered,
    OtherTypes,
}

/// A panic as the worker saw it: see [`Error::Panicked`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Panic {
    pub(crate) message: String,
    pub(crate) location: Option<String>,
    pub(crate) backtrace: Option<String>,
}

impl Failure {
    /// The error for the caller that submitted `function`.
    pub(crate) fn into_error(self, function: &'static str) -> Error {
        match self {
            Failure::Panicked(panic) => Error::Panicked {
                message: panic.message,
                location: panic.location,
                backtrace: panic.backtrace,
            },
            Failure::Serialize(value, message) => Error::Serialize { value, message },
            Failure::NotRegistered => Error::NotRegistered(function),
            Failure::OtherTypes => Error::OtherTypes(function),
        }
    }
}
