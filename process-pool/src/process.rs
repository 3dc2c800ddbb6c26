//! A worker's process as its parent sees it, and the thread that waits for its death.

use std::io::{self, ErrorKind};
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::entry::FunctionId;
use crate::error::{Death, StartError};
use crate::guard;
use crate::panics::catch;
use crate::task::Job;
use crate::transport::{Channel, Offer, Transport, alone};
use crate::{lock, wait};

/// How long a worker that was told to leave, or whose channel has ended, may take to exit.
const GRACE: Duration = Duration::from_secs(5);

/// How workers are started.
pub(crate) struct WorkerConfig {
    /// A program other than this one, with its arguments and environment.
    pub(crate) command: Option<Box<dyn Fn() -> Command + Send + Sync>>,
    /// What else the command is to have.
    #[allow(clippy::type_complexity, reason = "it is what it says")]
    pub(crate) configure: Option<Box<dyn Fn(&mut Command) + Send + Sync>>,
    pub(crate) transport: Transport,
    pub(crate) initializer: Option<(FunctionId, Job)>,
    /// How long a worker may take to answer at all, its initializer not included.
    pub(crate) start_timeout: Duration,
    pub(crate) on_start: Option<Box<dyn Fn(u32) + Send + Sync>>,
}

/// A worker's process.
pub(crate) struct Process {
    id: u32,
    channel: OnceLock<Channel>,
    life: Mutex<Life>,
    ended: Condvar,
}

struct Life {
    child: Child,
    death: Option<Death>,
}

impl WorkerConfig {
    fn command(&self) -> Command {
        let mut command = match &self.command {
            Some(command) => command(),
            None => this_program(),
        };
        if let Some(configure) = &self.configure {
            configure(&mut command);
        }
        guard::put_marks(&mut command, self.transport);
        command
    }
}

/// This program once more. On Linux that works even when its file has been deleted or
/// replaced.
fn this_program() -> Command {
    #[cfg(target_os = "linux")]
    if std::path::Path::new("/proc/self/exe").exists() {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new("/proc/self/exe");
        if let Some(name) = std::env::args_os().next() {
            command.arg0(name);
        }
        return command;
    }
    Command::new(std::env::current_exe().unwrap_or_default())
}

impl Process {
    /// Starts a process, which is to take up the offer. `on_death` is called when it has
    /// ended, on the thread that is given back.
    pub(crate) fn spawn(
        config: &WorkerConfig,
        on_death: impl FnOnce() + Send + 'static,
    ) -> Result<(Arc<Process>, JoinHandle<()>, Offer), StartError> {
        let mut command = catch(|| config.command())
            .ok_or_else(|| io::Error::other("the worker command panicked"))
            .map_err(StartError::spawn)?;
        let (child, offer) = {
            let _alone = alone();
            let offer = config.transport.offer(&mut command);
            let offer = offer.map_err(StartError::spawn)?;
            (command.spawn().map_err(StartError::spawn)?, offer)
        };
        // It holds the worker's end of the channel.
        drop(command);
        let process = Arc::new(Process {
            id: child.id(),
            channel: OnceLock::new(),
            life: Mutex::new(Life { child, death: None }),
            ended: Condvar::new(),
        });
        let waiter = Arc::clone(&process);
        let waiter = thread::Builder::new()
            .name("worker-wait".to_owned())
            .spawn(move || {
                waiter.reap();
                on_death();
            })
            .map_err(|error| {
                process.kill();
                process.reap();
                StartError::spawn(error)
            })?;
        Ok((process, waiter, offer))
    }

    /// Waits until the process has taken up the channel.
    pub(crate) fn connect(
        &self,
        offer: Offer,
        deadline: Instant,
    ) -> Result<&Channel, StartError> {
        let channel = offer.wait(deadline, || self.is_dead());
        let channel = channel.map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => self.early_death(false),
            ErrorKind::TimedOut => self.silent(),
            _ => StartError::spawn(error),
        })?;
        let channel = self.channel.get_or_init(|| channel);
        // Its death may have come too soon to close the channel.
        if self.is_dead() {
            channel.close();
        }
        Ok(channel)
    }

    /// What became of a worker that ended the channel before it was ready.
    pub(crate) fn early_death(&self, in_initializer: bool) -> StartError {
        match self.death() {
            (how, true) => StartError::Died {
                worker: self.id,
                how,
                in_initializer,
            },
            (_, false) => self.silent(),
        }
    }

    pub(crate) fn silent(&self) -> StartError {
        StartError::handshake(format!(
            "worker {} did not answer: does its program enter the worker entry?",
            self.id
        ))
    }

    /// Waits until the process has ended and takes its status. The channel may still be
    /// held open by a grandchild, so it is closed here.
    fn reap(&self) {
        let death = loop {
            self.wait_for_exit();
            match lock(&self.life).child.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => break Death::from(Ok(status)),
                Err(error) => break Death::from(Err(error)),
            }
        };
        lock(&self.life).death = Some(death);
        if let Some(channel) = self.channel.get() {
            channel.close();
        }
        self.ended.notify_all();
    }

    /// Returns when the process has ended, or soon, but leaves it to be reaped: until then
    /// nobody else can have its number, and `kill` cannot hit a stranger.
    #[cfg(unix)]
    fn wait_for_exit(&self) {
        use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let id = i32::try_from(self.id).ok().and_then(Pid::from_raw);
        let waited = id.map(|id| waitid(WaitId::Pid(id), options));
        if !matches!(waited, Some(Ok(_))) {
            // Interrupted, or reaped by somebody else.
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[cfg(not(unix))]
    fn wait_for_exit(&self) {
        thread::sleep(Duration::from_millis(10));
    }

    pub(crate) fn id(&self) -> u32 {
        self.id
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
    /// does not: the flag says whether that was needless.
    pub(crate) fn death(&self) -> (Death, bool) {
        let life = lock(&self.life);
        let (life, _) = self
            .ended
            .wait_timeout_while(life, GRACE, |life| life.death.is_none())
            .unwrap_or_else(|poison| poison.into_inner());
        let on_its_own = life.death.is_some();
        drop(life);
        self.kill();
        let mut life = lock(&self.life);
        while life.death.is_none() {
            life = wait(&self.ended, life);
        }
        (life.death.unwrap_or(Death::Unknown), on_its_own)
    }
}
