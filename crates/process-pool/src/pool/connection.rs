//! The pool's side of the protocol.

use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use super::memory::resident_of_tree;
use super::process::{Exit, Process};
use super::settings::Settings;
use super::task::decode_next;
use crate::error::{Error, StartError};
use crate::wire::channel::{Channel, PendingChannel};
use crate::wire::frame;
use crate::wire::function::{Build, FunctionId};
use crate::wire::message::{Arguments, Hello, TaskHeader};
use crate::worker::registry::Registry;

/// How often the memory of a worker is measured while it runs a task.
const MEMORY_INTERVAL: Duration = Duration::from_millis(100);

/// An open channel to a worker that is ready.
pub(crate) struct Connection<'a> {
    process: &'a Process,
    stream: BufReader<LimitedStream<'a>>,
    /// The number of the last task. Bytes from the worker are an answer only if they repeat
    /// it.
    number: u64,
    build: Build,
}

/// Why a worker gave no answer. The worker has ended in any case.
pub(crate) struct Lost {
    pub(crate) error: Error,
    /// The arguments, if the worker died before it had read all of them. The task has not
    /// begun then.
    pub(crate) not_started: Option<Arguments>,
}

/// What a worker may take for one task.
#[derive(Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) time: Option<Duration>,
    /// In bytes, for the worker and the processes it has started.
    pub(crate) memory: Option<u64>,
}

impl<'a> Connection<'a> {
    /// Checks that the process is a worker of this pool, and waits until it is ready.
    pub(crate) fn open(
        process: &'a Process,
        channel: PendingChannel,
        settings: &Settings,
        deadline: Option<Instant>,
    ) -> Result<Connection<'a>, StartError> {
        let channel = process.connect(channel, deadline)?;
        let mut stream = LimitedStream::new(channel, process.id);
        stream.deadline = deadline;
        let mut this = Connection {
            process,
            stream: BufReader::with_capacity(frame::SMALL, stream),
            number: 0,
            build: Build::Other,
        };
        let theirs = Hello::receive(&mut this.stream)
            .map_err(|error| process.start_error(error))?;
        let ours = Hello::new(Registry::entered().map_or(0, Registry::names));
        theirs
            .check(&ours, settings.worker_command.is_none())
            .map_err(|words| StartError::Handshake(words.into()))?;
        this.build = theirs.build(&ours);
        ours.send(this.stream.get_mut())
            .map_err(|error| process.start_error(error))?;
        this.stream.get_mut().set_limits(Limits::default());
        if let Some((function, argument)) = &settings.initializer {
            this.initialize(*function, argument.clone())?;
        }
        Ok(this)
    }

    fn initialize(
        &mut self,
        function: FunctionId,
        argument: Arguments,
    ) -> Result<(), StartError> {
        match self.run(function, argument, Limits::default()) {
            Ok(results) => {
                let results = Ok(results.into());
                decode_next::<Result<(), String>>(&function, &results, &mut 0)
                    .unwrap_or_else(|error| Err(error.to_string()))
                    .map_err(|words| StartError::Initializer(words.into()))
            }
            Err(Lost {
                error: Error::Protocol { message, .. },
                ..
            }) => Err(StartError::Handshake(message.into())),
            Err(lost) => {
                // The initializer counts as begun, unless the worker certainly did not read
                // the task.
                let initializer_began = lost.not_started.is_none();
                Err(self.process.early_death(initializer_began))
            }
        }
    }

    /// Sends one task to the worker and returns the encoded results.
    #[allow(clippy::result_large_err, reason = "a death is rare, and costs more")]
    pub(crate) fn run(
        &mut self,
        function: FunctionId,
        arguments: Arguments,
        limits: Limits,
    ) -> Result<Vec<u8>, Lost> {
        self.stream.get_mut().set_limits(limits);
        let sent = self.send(function, &arguments);
        // A small task is kept until the answer, to send it again if the worker did not
        // read it. A big task is freed, so that its memory can hold the results.
        let kept = (arguments.bytes.len() < frame::SMALL).then_some(arguments);
        match sent.and_then(|()| self.receive()) {
            Ok(results) => {
                self.stream.get_mut().set_limits(Limits::default());
                Ok(results)
            }
            Err(error) => Err(self.lost(error, limits, kept)),
        }
    }

    /// Ends a worker that gave no answer, and finds out why it gave none.
    fn lost(&self, error: io::Error, limits: Limits, kept: Option<Arguments>) -> Lost {
        let stream = self.stream.get_ref();
        let worker = self.process.id;
        let kind = error.kind();
        // In these cases the worker is still running.
        let must_be_killed = stream.exceeded.is_some() || kind == ErrorKind::InvalidData;
        if must_be_killed {
            self.process.kill();
        }
        let exit = self.process.wait_after_channel();
        let error = match (&stream.exceeded, exit) {
            (Some(Exceeded::Time), _) => Error::TimeLimit {
                worker,
                limit: limits.time.unwrap_or_default(),
            },
            (Some(Exceeded::Memory { used }), _) => Error::MemoryLimit {
                worker,
                used: *used,
                limit: limits.memory.unwrap_or_default(),
            },
            (None, _) if must_be_killed => Error::Protocol {
                worker,
                message: error.to_string(),
            },
            (None, Exit::InTime(how)) => Error::Died { worker, how },
            (None, Exit::Overdue) => Error::Protocol {
                worker,
                message: format!("its channel ended, but it did not: {error}"),
            },
        };
        let unread = !must_be_killed && was_unread(kind, stream.channel.was_reset());
        Lost {
            error,
            not_started: kept.filter(|_| unread),
        }
    }

    fn send(&mut self, function: FunctionId, arguments: &Arguments) -> io::Result<()> {
        self.number += 1;
        let header = TaskHeader {
            number: self.number,
            is_initializer: function.is_initializer,
            function: function.name.into(),
            key: function.key(self.build),
            arguments: arguments.count,
        };
        let head = header.encode().map_err(io::Error::other)?;
        frame::write(self.stream.get_mut(), &[&head, &arguments.bytes])
    }

    /// Receives the results of the task that was sent.
    fn receive(&mut self) -> io::Result<Vec<u8>> {
        let mut results = frame::read(&mut self.stream)?;
        if !results.ends_with(&self.number.to_le_bytes()) {
            let message = "no answer to the task";
            return Err(io::Error::new(ErrorKind::InvalidData, message));
        }
        results.truncate(results.len() - size_of::<u64>());
        // The worker may have exceeded its limit since the last measurement.
        self.stream.get_mut().check_memory()?;
        Ok(results)
    }

    /// Asks an idle worker to exit, and waits until it has.
    pub(crate) fn retire(mut self, exit_timeout: Duration) {
        // An error means that the worker is dead already.
        let _ = frame::write(self.stream.get_mut(), &[]);
        self.process.wait_for_exit(exit_timeout);
    }
}

/// Whether a worker died before it had read all that was sent. On Linux, closing a socket
/// with unread bytes resets the connection. Over TCP the reset may show only after the
/// worker has certainly closed its end. On other systems a reset proves nothing.
fn was_unread(error: ErrorKind, was_reset: bool) -> bool {
    let reset = matches!(error, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset);
    cfg!(target_os = "linux") && (reset || was_reset)
}

/// The channel to a worker. Reads and writes fail once a limit of the task is exceeded.
struct LimitedStream<'a> {
    channel: &'a Channel,
    worker: u32,
    deadline: Option<Instant>,
    memory_limit: Option<u64>,
    /// The limit that was exceeded, if that caused the last error.
    exceeded: Option<Exceeded>,
    /// Whether the channel has a timeout at the moment.
    timed: bool,
}

enum Exceeded {
    Time,
    Memory { used: u64 },
}

impl<'a> LimitedStream<'a> {
    fn new(channel: &'a Channel, worker: u32) -> Self {
        LimitedStream {
            channel,
            worker,
            deadline: None,
            memory_limit: None,
            exceeded: None,
            timed: false,
        }
    }

    /// Sets the limits for a task that begins now.
    fn set_limits(&mut self, limits: Limits) {
        self.deadline = limits
            .time
            .and_then(|time| Instant::now().checked_add(time));
        self.memory_limit = limits.memory;
    }

    /// Reads or writes. Checks the limits before that, and again while it waits.
    fn transfer(
        &mut self,
        mut transfer: impl FnMut(&Channel) -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            let timeout = self.time_to_next_look()?;
            if timeout.is_some() || self.timed {
                self.channel.set_timeout(timeout)?;
                self.timed = timeout.is_some();
            }
            match transfer(self.channel) {
                Err(error) if self.timed && is_timeout(&error) => self.check_memory()?,
                result => return result,
            }
        }
    }

    /// How long a read or a write may wait before the limits are checked again.
    ///
    /// # Errors
    /// The deadline has passed.
    fn time_to_next_look(&mut self) -> io::Result<Option<Duration>> {
        let interval = self.memory_limit.map(|_| MEMORY_INTERVAL);
        let Some(deadline) = self.deadline else {
            return Ok(interval);
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            self.exceeded = Some(Exceeded::Time);
            return Err(ErrorKind::TimedOut.into());
        }
        Ok(Some(interval.map_or(left, |interval| interval.min(left))))
    }

    fn check_memory(&mut self) -> io::Result<()> {
        let Some(limit) = self.memory_limit else {
            return Ok(());
        };
        match resident_of_tree(self.worker) {
            Some(used) if used > limit => {
                self.exceeded = Some(Exceeded::Memory { used });
                Err(io::Error::other("the worker takes too much memory"))
            }
            // The memory of a process that has just ended is not known.
            _ => Ok(()),
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
}

impl Read for LimitedStream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.transfer(|mut channel| channel.read(buffer))
    }
}

impl Write for LimitedStream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.transfer(|mut channel| channel.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
