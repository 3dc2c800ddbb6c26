//! One worker as its parent sees it: a process, the channel to it, and a thread that waits
//! for its death.

use std::io::{self, BufReader, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::{Cause, Death};
use crate::frame;
use crate::handle::Job;
use crate::lock;
use crate::transport::{Channel, Transport};
use crate::worker::{self, Call, Hello, Ready, Welcome};

/// How long a worker that was told to leave, or whose channel has ended, may take to exit.
const GRACE: Duration = Duration::from_secs(5);

/// How to start a worker.
pub(crate) struct Recipe {
    /// A program other than this one, with its arguments and environment.
    pub(crate) command: Option<Box<dyn Fn() -> Command + Send + Sync>>,
    pub(crate) transport: Transport,
    pub(crate) initializer: Option<(&'static str, Vec<u8>)>,
    /// How long a worker may take to answer at all, its initializer not included.
    pub(crate) start_timeout: Duration,
    pub(crate) on_start: Option<Box<dyn Fn(u32) + Send + Sync>>,
}

/// A running worker.
pub(crate) struct Process {
    pub(crate) pid: u32,
    channel: Channel,
    life: Mutex<Life>,
    ended: Condvar,
}

struct Life {
    child: Child,
    death: Option<Death>,
}

/// Why a worker gave no answer.
pub(crate) enum Lost {
    /// It was gone before it had the whole task, so the task never began.
    Undelivered(Job),
    Died(Death),
    Protocol(String),
    /// The task is too long for a frame; the worker is well.
    TooLong(String),
}

impl Recipe {
    fn command(&self) -> Command {
        let mut command = match &self.command {
            Some(command) => command(),
            None => this_program(),
        };
        command.arg(worker::mark_for(self.transport));
        command
    }

    /// Starts a process. `on_death` is called, on another thread, when it has ended.
    pub(crate) fn spawn(
        &self,
        on_death: impl FnOnce() + Send + 'static,
    ) -> Result<(Arc<Process>, JoinHandle<()>), Cause> {
        let failed = |error| Cause::Start(Arc::new(error));
        let deadline = Instant::now() + self.start_timeout;
        let mut command = catch_unwind(AssertUnwindSafe(|| self.command()))
            .map_err(|_| failed(io::Error::other("the worker command panicked")))?;
        let offer = self.transport.offer(&mut command).map_err(failed)?;
        let mut child = command.spawn().map_err(failed)?;
        // It holds the worker's end of the channel.
        drop(command);
        let pid = child.id();
        let channel = match offer.wait(&mut child, deadline) {
            Ok(channel) => channel,
            Err(error) => {
                let _ = child.kill();
                let how = Death::from(child.wait());
                return Err(match error.kind() {
                    ErrorKind::UnexpectedEof => Cause::Died { worker: pid, how },
                    ErrorKind::TimedOut => silent(pid),
                    _ => failed(error),
                });
            }
        };
        let life = Mutex::new(Life { child, death: None });
        let process = Arc::new(Process {
            pid,
            channel,
            life,
            ended: Condvar::new(),
        });
        let waiter = {
            let process = Arc::clone(&process);
            thread::Builder::new()
                .name("worker-wait".to_owned())
                .spawn(move || {
                    process.reap();
                    on_death();
                })
        };
        waiter
            .map(|waiter| (Arc::clone(&process), waiter))
            .map_err(|error| {
                process.kill();
                process.reap();
                failed(error)
            })
    }
}

/// This program once more. On Linux that works even when its file has been deleted or
/// replaced.
fn this_program() -> Command {
    let running = std::path::Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && running.exists() {
        let mut command = Command::new(running);
        #[cfg(unix)]
        if let Some(name) = std::env::args_os().next() {
            std::os::unix::process::CommandExt::arg0(&mut command, name);
        }
        return command;
    }
    Command::new(std::env::current_exe().unwrap_or_default())
}

fn silent(pid: u32) -> Cause {
    Cause::Handshake(
        format!("worker {pid} did not answer: does its program enter the worker entry?")
            .into(),
    )
}

impl Process {
    /// Waits until the process has ended and takes its status. The channel may still be
    /// held open by a grandchild, so it is closed here.
    fn reap(&self) {
        let death = loop {
            self.wait_for_exit();
            let mut life = lock(&self.life);
            match life.child.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => break Death::from(Ok(status)),
                Err(error) => break Death::from(Err(error)),
            }
        };
        lock(&self.life).death = Some(death);
        self.channel.close();
        self.ended.notify_all();
    }

    /// Returns when the process has ended, or soon, but leaves it to be reaped: until then
    /// nobody else can have its number, and `kill` cannot hit a stranger.
    #[cfg(unix)]
    fn wait_for_exit(&self) {
        use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let waited = Pid::from_raw(self.pid.cast_signed())
            .map(|pid| waitid(WaitId::Pid(pid), options));
        if !matches!(waited, Some(Ok(_))) {
            // Interrupted, or reaped by somebody else.
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[cfg(not(unix))]
    fn wait_for_exit(&self) {
        thread::sleep(Duration::from_millis(10));
    }

    pub(crate) fn is_dead(&self) -> bool {
        lock(&self.life).death.is_some()
    }

    pub(crate) fn kill(&self) {
        let mut life = lock(&self.life);
        if life.death.is_none() {
            // It may have ended meanwhile, which is as good.
            let _ = life.child.kill();
        }
    }

    /// Waits for the end of a process that is expected to end, and helps it along when it
    /// does not.
    fn death(&self) -> (Death, bool) {
        let life = lock(&self.life);
        let (life, _) = self
            .ended
            .wait_timeout_while(life, GRACE, |life| life.death.is_none())
            .unwrap_or_else(|poison| poison.into_inner());
        let patient = life.death.is_some();
        drop(life);
        self.kill();
        let life = self
            .ended
            .wait_while(lock(&self.life), |life| life.death.is_none())
            .unwrap_or_else(|poison| poison.into_inner());
        (life.death.unwrap_or(Death::Unknown), patient)
    }

    /// Tells an idle worker to leave, and sees it off.
    pub(crate) fn dismiss(&self) {
        // If it does not hear this it is dead already.
        let _ = frame::write(&mut &self.channel, &[]);
        self.death();
    }
}

/// The parent's half of the protocol.
pub(crate) struct Conversation<'a> {
    process: &'a Process,
    source: BufReader<&'a Channel>,
    /// Of the last job. The answer repeats it, or it is none.
    number: u64,
}

impl<'a> Conversation<'a> {
    /// Makes sure that a worker of ours is at the other end, and waits until it is ready.
    pub(crate) fn open(process: &'a Process, recipe: &Recipe) -> Result<Self, Cause> {
        let source = BufReader::with_capacity(frame::SMALL, &process.channel);
        let mut this = Conversation {
            process,
            source,
            number: 0,
        };
        let channel = &process.channel;
        let failed = |error| Cause::Start(Arc::new(error));

        channel
            .set_read_timeout(Some(recipe.start_timeout))
            .map_err(failed)?;
        let hello: Hello = this.hear()?;
        channel.set_read_timeout(None).map_err(failed)?;
        hello
            .fits(&Hello::new(), recipe.command.is_none())
            .map_err(|text| Cause::Handshake(text.into()))?;

        let mut welcome = Vec::new();
        let initializer = recipe
            .initializer
            .as_ref()
            .map(|(name, argument)| (*name, &argument[..]));
        worker::put(
            &mut welcome,
            &Welcome {
                depth: worker::depth() + 1,
                initializer,
            },
        )
        .map_err(|error| Cause::Handshake(error.to_string().into()))?;
        if frame::write(&mut &*channel, &[&welcome]).is_err() {
            return Err(this.no_start());
        }
        let ready: Ready = this.hear()?;
        ready.map_err(|text| Cause::Initializer(text.into()))?;
        if let Some(on_start) = &recipe.on_start {
            // If it panics, that has been shown, and is none of the worker's business.
            let _ = catch_unwind(AssertUnwindSafe(|| on_start(process.pid)));
        }
        Ok(this)
    }

    /// One message of the handshake.
    fn hear<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, Cause> {
        let pid = self.process.pid;
        match frame::read(&mut self.source) {
            Ok(Some(bytes)) => postcard::from_bytes(&bytes).map_err(|_| {
                Cause::Handshake(
                    format!("worker {pid} does not speak the protocol").into(),
                )
            }),
            Err(error) if error.kind() == ErrorKind::InvalidData => Err(
                Cause::Handshake(format!("worker {pid} sent {error}").into()),
            ),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut
                ) =>
            {
                Err(silent(pid))
            }
            Ok(None) | Err(_) => Err(self.no_start()),
        }
    }

    /// What became of a worker that ended the channel before it was ready.
    fn no_start(&self) -> Cause {
        match self.process.death() {
            (how, true) => Cause::Died {
                worker: self.process.pid,
                how,
            },
            (_, false) => silent(self.process.pid),
        }
    }

    /// Has the worker do one job and returns the encoded results.
    pub(crate) fn run(&mut self, job: Job) -> Result<Vec<u8>, Lost> {
        let mut head = Vec::with_capacity(64);
        self.number += 1;
        let call = Call {
            number: self.number,
            function: job.function,
            calls: job.calls,
        };
        worker::put(&mut head, &call)
            .map_err(|error| Lost::TooLong(error.to_string()))?;
        let length = (head.len() + job.arguments.len()) as u64;
        frame::check(length).map_err(|error| Lost::TooLong(error.to_string()))?;
        // A small job is kept while it is on its way, for one other attempt.
        let keep = job.arguments.len() < frame::SMALL && !job.resent;
        let sent = frame::write(&mut &self.process.channel, &[&head, &job.arguments]);
        let job = keep.then_some(job);
        match sent.and_then(|()| frame::read(&mut self.source)) {
            Ok(Some(mut results)) if results.ends_with(&self.number.to_le_bytes()) => {
                results.truncate(results.len() - size_of::<u64>());
                Ok(results)
            }
            Ok(Some(_)) => {
                let error =
                    io::Error::new(ErrorKind::InvalidData, "no answer to the task");
                Err(self.lost(error, job))
            }
            Ok(None) => Err(self.lost(ErrorKind::UnexpectedEof.into(), job)),
            Err(error) => Err(self.lost(error, job)),
        }
    }

    /// What became of a worker that does not answer, and of the job it should have had.
    fn lost(&self, error: io::Error, job: Option<Job>) -> Lost {
        if error.kind() == ErrorKind::InvalidData {
            self.process.kill();
            self.process.death();
            return Lost::Protocol(error.to_string());
        }
        let (death, on_its_own) = self.process.death();
        // A socket that is closed with bytes unread tells the other end so; TCP perhaps
        // only now that it is closed for certain.
        let unread = matches!(
            error.kind(),
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
        ) || self.process.channel.was_reset();
        match job {
            Some(job) if unread => Lost::Undelivered(job),
            _ if on_its_own => Lost::Died(death),
            _ => Lost::Protocol("its channel ended, but it did not".to_owned()),
        }
    }
}
