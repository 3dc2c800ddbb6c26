//! The parent's half of the protocol.

use std::io::{self, BufReader, ErrorKind, Read};
use std::time::Instant;

use crate::builder::Builder;
use crate::codec::encode;
use crate::entry::FunctionId;
use crate::error::{Error, StartError};
use crate::frame;
use crate::process::Process;
use crate::protocol::{Call, Hello};
use crate::task::{Job, decode_next};
use crate::transport::{Channel, Offer};

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
pub(crate) struct CallError {
    pub(crate) error: Error,
    /// The job, if the worker died before it had all of it, so that it never began.
    pub(crate) unbegun: Option<Job>,
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
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            self.channel.set_read_timeout(Some(left))?;
        }
        (&self.channel.0).read(buffer)
    }
}

impl<'a> Connection<'a> {
    /// Makes sure that a worker of ours is at the other end, and waits until it is ready.
    pub(crate) fn open(
        process: &'a Process,
        offer: Offer,
        settings: &Builder,
        deadline: Option<Instant>,
    ) -> Result<Connection<'a>, StartError> {
        let channel = process.connect(offer, deadline)?;
        let source = Source { channel, deadline };
        let mut this = Connection {
            process,
            channel,
            source: BufReader::with_capacity(frame::SMALL, source),
            number: 0,
            by_type: false,
        };
        let theirs = Hello::receive(&mut this.source)
            .map_err(|error| process.start_error(error))?;
        this.source.get_mut().set_deadline(None)?;
        let ours = Hello::new();
        let fits = theirs.check(&ours, settings.command.is_none());
        fits.map_err(|words| StartError::Handshake(words.into()))?;
        this.by_type = theirs.same_file(&ours);
        ours.send(&mut &channel.0)
            .map_err(|error| process.start_error(error))?;
        if let Some((function, job)) = &settings.initializer {
            this.initialize(*function, job.clone())?;
        }
        Ok(this)
    }

    fn initialize(&mut self, function: FunctionId, job: Job) -> Result<(), StartError> {
        match self.call(function, job) {
            Ok(results) => {
                decode_next::<Result<(), String>>(&function, &Ok(results.into()), &mut 0)
                    .unwrap_or_else(|error| Err(error.to_string()))
                    .map_err(|words| StartError::Initializer(words.into()))
            }
            Err(CallError {
                error: Error::Protocol { message, .. },
                ..
            }) => Err(StartError::Handshake(message.into())),
            Err(lost) => Err(self.process.early_death(lost.unbegun.is_none())),
        }
    }

    /// Has the worker do one job and returns the encoded results.
    #[allow(clippy::result_large_err, reason = "a death is rare, and costs more")]
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
            key: (function.key)(self.by_type),
            calls: job.calls,
        };
        let mut head = Vec::with_capacity(96);
        // It can be encoded, and memory takes everything.
        let _ = encode(&mut head, &call);
        let sent = frame::write(&mut &self.channel.0, &[&head, &job.arguments]);
        // Now it begins, and with it its time.
        let limit = job.time_limit;
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        // A small job is kept while it is on its way, in case it does not arrive.
        let job = (job.arguments.len() < frame::SMALL).then_some(job);
        let answer = sent
            .and_then(|()| self.source.get_mut().set_deadline(deadline))
            .and_then(|()| frame::read(&mut self.source));
        let error = match answer {
            Ok(mut results) if results.ends_with(&self.number.to_le_bytes()) => {
                results.truncate(results.len() - size_of::<u64>());
                return Ok(results);
            }
            Ok(_) => io::Error::new(ErrorKind::InvalidData, "no answer to the task"),
            Err(error) => error,
        };

        let worker = self.process.id;
        let (kind, message) = (error.kind(), error.to_string());
        let timed_out = matches!(kind, ErrorKind::TimedOut | ErrorKind::WouldBlock);
        if timed_out || kind == ErrorKind::InvalidData {
            self.process.kill();
        }
        let (how, on_its_own) = self.process.death();
        let error = match limit {
            Some(limit) if timed_out => Error::TimeLimit { worker, limit },
            _ if kind == ErrorKind::InvalidData => Error::Protocol { worker, message },
            _ if on_its_own => Error::Died { worker, how },
            _ => Error::Protocol {
                worker,
                message: "its channel ended, but it did not".to_owned(),
            },
        };
        let was_reset = matches!(self.channel.0.take_error(), Ok(Some(_)));
        let unbegun =
            job.filter(|_| was_unread(cfg!(target_os = "linux"), kind, was_reset));
        Err(CallError { error, unbegun })
    }

    /// Tells an idle worker to leave, and sees it off.
    pub(crate) fn dismiss(self) {
        // If it does not hear this it is dead already.
        let _ = frame::write(&mut &self.channel.0, &[]);
        self.process.death();
    }
}

/// Whether a worker died without having taken in what was sent last. Linux tells: a socket
/// that is closed with bytes unread is reset; of TCP that may show only when it is closed
/// for certain. Elsewhere a reset proves nothing.
fn was_unread(linux: bool, error: ErrorKind, was_reset: bool) -> bool {
    linux
        && match error {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => true,
            // The pool itself has ended it.
            ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::InvalidData => false,
            _ => was_reset,
        }
}

#[cfg(test)]
#[path = "../tests/unit/connection.rs"]
mod tests;
