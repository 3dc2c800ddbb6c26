//! The parent's half of the protocol.

use std::io::{self, BufReader, ErrorKind, Read};
use std::time::Instant;

use crate::builder::Settings;
use crate::codec::{decode, encode, next_item};
use crate::entry::FunctionId;
use crate::error::{Error, StartError};
use crate::frame;
use crate::process::Process;
use crate::protocol::{Call, Hello};
use crate::task::{Job, decode_next};
use crate::transport::Channel;

/// An open channel to a worker that is ready.
pub(crate) struct Connection<'a> {
    process: &'a Process,
    channel: &'a Channel,
    source: BufReader<Source<'a>>,
    /// Of the last job. The answer repeats it, or it is none.
    number: u64,
    by_type: bool,
}

/// Why a worker gave no answer. In any case it is gone.
pub(crate) enum CallError {
    /// It died before it had the whole job, so the job never began.
    Undelivered(Job, Error),
    Lost(Error),
}

/// What arrives, until a deadline.
struct Source<'a> {
    channel: &'a Channel,
    deadline: Option<Instant>,
}

impl Source<'_> {
    fn set_deadline(&mut self, deadline: Option<Instant>) -> io::Result<()> {
        if self.deadline.is_some() {
            self.channel.set_read_timeout(None)?;
        }
        self.deadline = deadline;
        Ok(())
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut channel = self.channel;
        let Some(deadline) = self.deadline else {
            return channel.read(buffer);
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        channel.set_read_timeout(Some(left))?;
        channel.read(buffer).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock => ErrorKind::TimedOut.into(),
            _ => error,
        })
    }
}

impl<'a> Connection<'a> {
    /// Makes sure that a worker of ours is at the other end, and waits until it is ready.
    pub(crate) fn open(
        process: &'a Process,
        channel: &'a Channel,
        settings: &Settings,
        deadline: Instant,
    ) -> Result<Connection<'a>, StartError> {
        let source = Source {
            channel,
            deadline: Some(deadline),
        };
        let mut this = Connection {
            process,
            channel,
            source: BufReader::with_capacity(frame::SMALL, source),
            number: 0,
            by_type: false,
        };
        let (theirs, ours) = (this.hello()?, Hello::new());
        this.source.get_mut().set_deadline(None)?;
        let fits = theirs.check(&ours, settings.command.is_none());
        fits.map_err(StartError::handshake)?;
        this.by_type = theirs.same_file(&ours);
        let mut message = Vec::new();
        encode(&mut message, &ours).map_err(StartError::handshake)?;
        if frame::write(&mut &*channel, &[&message]).is_err() {
            return Err(process.early_death(false));
        }
        if let Some((function, job)) = &settings.initializer {
            this.initialize(*function, job.clone())?;
        }
        Ok(this)
    }

    fn hello(&mut self) -> Result<Hello, StartError> {
        let worker = self.process.id();
        let words = match frame::read(&mut self.source) {
            Ok(Some(bytes)) => match next_item(&mut &bytes[..]).and_then(decode) {
                Ok(hello) => return Ok(hello),
                Err(_) => format!("worker {worker} does not speak the protocol"),
            },
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                format!("worker {worker} sent {error}")
            }
            Err(error) if error.kind() == ErrorKind::TimedOut => {
                return Err(self.process.silent());
            }
            Ok(None) | Err(_) => return Err(self.process.early_death(false)),
        };
        Err(StartError::handshake(words))
    }

    fn initialize(&mut self, function: FunctionId, job: Job) -> Result<(), StartError> {
        match self.call(function, job) {
            Ok(results) => {
                decode_next::<Result<(), String>>(function.name, &results, &mut 0)
                    .unwrap_or_else(|error| Err(error.to_string()))
                    .map_err(|words| StartError::Initializer(words.into()))
            }
            Err(CallError::Undelivered(..)) => Err(self.process.early_death(false)),
            Err(CallError::Lost(Error::Protocol { message, .. })) => {
                Err(StartError::handshake(message))
            }
            Err(CallError::Lost(_)) => Err(self.process.early_death(true)),
        }
    }

    /// Has the worker do one job and returns the encoded results.
    pub(crate) fn call(
        &mut self,
        function: FunctionId,
        job: Job,
    ) -> Result<Vec<u8>, CallError> {
        self.number += 1;
        let call = Call {
            number: self.number,
            is_initializer: function.is_initializer,
            function: function.name.into(),
            key: function.key(self.by_type),
            calls: job.calls,
        };
        let mut head = Vec::with_capacity(96);
        // It can be encoded, and memory takes everything.
        let _ = encode(&mut head, &call);
        let mut channel = self.channel;
        let sent = frame::write(&mut channel, &[&head, &job.arguments]);
        // Now it begins, and with it its time.
        let limit = job.time_limit;
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        // A small job is kept while it is on its way, in case it does not arrive.
        let job = (job.arguments.len() < frame::SMALL).then_some(job);
        let answer = sent
            .and_then(|()| self.source.get_mut().set_deadline(deadline))
            .and_then(|()| frame::read(&mut self.source));
        let error = match answer {
            Ok(Some(mut results)) if results.ends_with(&self.number.to_le_bytes()) => {
                results.truncate(results.len() - size_of::<u64>());
                return Ok(results);
            }
            Ok(Some(_)) => {
                io::Error::new(ErrorKind::InvalidData, "no answer to the task")
            }
            Ok(None) => ErrorKind::UnexpectedEof.into(),
            Err(error) => error,
        };

        let worker = self.process.id();
        let (kind, message) = (error.kind(), error.to_string());
        if matches!(kind, ErrorKind::InvalidData | ErrorKind::TimedOut) {
            self.process.kill();
        }
        let (how, on_its_own) = self.process.death();
        let error = match (kind, limit) {
            (ErrorKind::TimedOut, Some(limit)) => Error::TimeLimit { worker, limit },
            (ErrorKind::InvalidData, _) => Error::Protocol { worker, message },
            _ if on_its_own => Error::Died { worker, how },
            _ => Error::Protocol {
                worker,
                message: "its channel ended, but it did not".to_owned(),
            },
        };
        let unread = || was_unread(cfg!(target_os = "linux"), kind, channel.was_reset());
        Err(match job {
            Some(job) if unread() => CallError::Undelivered(job, error),
            _ => CallError::Lost(error),
        })
    }

    /// Tells an idle worker to leave, and sees it off.
    pub(crate) fn dismiss(self) {
        // If it does not hear this it is dead already.
        let mut channel = self.channel;
        let _ = frame::write(&mut channel, &[]);
        self.process.death();
    }
}

/// Whether a worker died without having taken in what was sent last. Linux tells: a socket
/// that is closed with bytes unread is reset; of TCP that may show only when it is closed
/// for certain. Elsewhere a reset proves nothing.
fn was_unread(linux: bool, error: ErrorKind, was_reset: bool) -> bool {
    let reset = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
    let gone = reset.contains(&error) || error == ErrorKind::UnexpectedEof && was_reset;
    linux && gone
}

#[cfg(test)]
#[path = "../tests/unit/connection.rs"]
mod tests;
