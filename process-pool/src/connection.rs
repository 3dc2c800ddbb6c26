//! The parent's half of the protocol.

use std::io::{self, BufReader, ErrorKind, Read};
use std::time::Instant;

use crate::codec::{decode, encode, next_item};
use crate::entry::FunctionId;
use crate::error::{Death, StartError};
use crate::frame;
use crate::guard;
use crate::process::{Process, WorkerConfig};
use crate::protocol::{Call, Hello, Welcome};
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

/// Why a worker gave no answer.
pub(crate) enum RunError {
    /// It was gone before it had the whole job, so the job never began.
    Undelivered(Job),
    Died(Death),
    /// It was killed because the time was over.
    TimeLimit,
    Protocol(String),
    /// The job is too long for a frame; the worker is well.
    TooLong(String),
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
        config: &WorkerConfig,
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
        let (hello, ours) = (this.hello()?, Hello::new());
        this.set_deadline(None).map_err(StartError::spawn)?;
        let same_program = config.command.is_none();
        let fits = hello.check(&ours, same_program);
        fits.map_err(StartError::handshake)?;
        this.by_type = hello.same_file(&ours);

        let welcome = Welcome {
            depth: guard::depth() + 1,
            by_type: this.by_type,
        };
        let mut message = Vec::new();
        encode(&mut message, &welcome).map_err(StartError::handshake)?;
        if frame::write(&mut &*channel, &[&message]).is_err() {
            return Err(process.early_death(false));
        }
        if let Some((function, job)) = &config.initializer {
            this.initialize(*function, job.clone())?;
        }
        Ok(this)
    }

    fn set_deadline(&mut self, deadline: Option<Instant>) -> io::Result<()> {
        self.source.get_mut().set_deadline(deadline)
    }

    fn hello(&mut self) -> Result<Hello, StartError> {
        let worker = self.process.id();
        match frame::read(&mut self.source) {
            Ok(Some(bytes)) => {
                let words = next_item(&mut &bytes[..]).and_then(decode);
                words.map_err(|_| format!("worker {worker} does not speak the protocol"))
            }
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                Err(format!("worker {worker} sent {error}"))
            }
            Err(error) if error.kind() == ErrorKind::TimedOut => {
                return Err(self.process.silent());
            }
            Ok(None) | Err(_) => return Err(self.process.early_death(false)),
        }
        .map_err(StartError::handshake)
    }

    fn initialize(&mut self, function: FunctionId, job: Job) -> Result<(), StartError> {
        let words = match self.call(true, function, job) {
            Ok(results) => {
                match decode_next::<Result<(), String>>(function.name, &results, &mut 0) {
                    Ok(Ok(())) => return Ok(()),
                    Ok(Err(words)) => words,
                    Err(error) => error.to_string(),
                }
            }
            Err(RunError::Undelivered(_)) => return Err(self.process.early_death(false)),
            Err(RunError::Protocol(words)) => return Err(StartError::handshake(words)),
            Err(RunError::TooLong(words)) => words,
            Err(_) => return Err(self.process.early_death(true)),
        };
        Err(StartError::Initializer(words.into()))
    }

    /// Has the worker do one job and returns the encoded results.
    pub(crate) fn run(
        &mut self,
        function: FunctionId,
        job: Job,
    ) -> Result<Vec<u8>, RunError> {
        self.call(false, function, job)
    }

    fn call(
        &mut self,
        is_initializer: bool,
        function: FunctionId,
        job: Job,
    ) -> Result<Vec<u8>, RunError> {
        self.number += 1;
        let call = Call {
            number: self.number,
            is_initializer,
            function: function.name.into(),
            key: function.key(self.by_type),
            calls: job.calls,
        };
        let mut head = Vec::with_capacity(96);
        encode(&mut head, &call).map_err(RunError::TooLong)?;
        let length = (head.len() + job.arguments.len()) as u64;
        frame::check(length).map_err(|error| RunError::TooLong(error.to_string()))?;

        let mut channel = self.channel;
        let sent = frame::write(&mut channel, &[&head, &job.arguments]);
        // Now it begins, and with it its time.
        let limit = job.time_limit;
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        // A small job is kept while it is on its way, in case it does not arrive.
        let job = (job.arguments.len() < frame::SMALL).then_some(job);
        let answer = sent
            .and_then(|()| self.set_deadline(deadline))
            .and_then(|()| frame::read(&mut self.source));
        match answer {
            Ok(Some(mut results)) if results.ends_with(&self.number.to_le_bytes()) => {
                results.truncate(results.len() - size_of::<u64>());
                Ok(results)
            }
            Ok(Some(_)) => {
                let error =
                    io::Error::new(ErrorKind::InvalidData, "no answer to the task");
                Err(self.no_answer(error, job))
            }
            Ok(None) => Err(self.no_answer(ErrorKind::UnexpectedEof.into(), job)),
            Err(error) => Err(self.no_answer(error, job)),
        }
    }

    /// What became of a worker that does not answer, and of the job it should have had.
    fn no_answer(&self, error: io::Error, job: Option<Job>) -> RunError {
        if matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::TimedOut) {
            self.process.kill();
            self.process.death();
            return match error.kind() {
                ErrorKind::TimedOut => RunError::TimeLimit,
                _ => RunError::Protocol(error.to_string()),
            };
        }
        let (death, on_its_own) = self.process.death();
        match job {
            Some(job) if self.was_unread(&error) => RunError::Undelivered(job),
            _ if on_its_own => RunError::Died(death),
            _ => RunError::Protocol("its channel ended, but it did not".to_owned()),
        }
    }

    /// Whether the worker died without having taken in what was sent last. Linux tells: a
    /// socket that is closed with bytes unread is reset; of TCP that may show only when it
    /// is closed for certain. Elsewhere a reset proves nothing.
    fn was_unread(&self, error: &io::Error) -> bool {
        let reset = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
        cfg!(target_os = "linux")
            && (reset.contains(&error.kind()) || self.channel.was_reset())
    }

    /// Tells an idle worker to leave, and sees it off.
    pub(crate) fn dismiss(self) {
        // If it does not hear this it is dead already.
        let mut channel = self.channel;
        let _ = frame::write(&mut channel, &[]);
        self.process.death();
    }
}
