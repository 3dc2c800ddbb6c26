//! A worker's process, and the thread that waits for its end.

use std::io::{self, ErrorKind};
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::settings::Settings;
use crate::error::{Death, StartError};
use crate::sync::{catch, lock, wait};
use crate::wire::channel::{Channel, PendingChannel, spawn_lock};
use crate::wire::nesting;
use crate::wire::program::running_program;

/// How long a process may live after its channel has ended, before it is killed.
const CHANNEL_GRACE: Duration = Duration::from_secs(5);

/// A worker's process.
pub(crate) struct Process {
    pub(crate) id: u32,
    channel: OnceLock<Channel>,
    life: Mutex<Life>,
    ended: Condvar,
}

struct Life {
    child: Child,
    death: Option<Death>,
    /// The pool has killed it.
    killed: bool,
}

/// The command that starts a worker. The default is this program.
fn command(settings: &Settings) -> io::Result<Command> {
    let mut command = match &settings.worker_command {
        Some(command) => command(),
        None => Command::new(running_program()?),
    };
    #[cfg(unix)]
    if let (None, Some(name)) = (&settings.worker_command, std::env::args_os().next()) {
        std::os::unix::process::CommandExt::arg0(&mut command, name);
    }
    if let Some(configure) = &settings.configure_command {
        configure(&mut command);
    }
    nesting::set_worker_args(&mut command, settings.transport);
    Ok(command)
}

impl Process {
    fn new(child: Child) -> Process {
        Process {
            id: child.id(),
            channel: OnceLock::new(),
            life: Mutex::new(Life {
                child,
                death: None,
                killed: false,
            }),
            ended: Condvar::new(),
        }
    }

    /// Starts a process, which will connect to the returned channel. The returned thread
    /// waits for the end of the process, then calls `on_exit`.
    pub(crate) fn spawn(
        settings: &Settings,
        on_exit: impl FnOnce() + Send + 'static,
    ) -> Result<(Arc<Process>, JoinHandle<()>, PendingChannel), StartError> {
        let mut command = catch(|| command(settings))
            .unwrap_or_else(|| Err(io::Error::other("the worker command panicked")))?;
        let spawn_lock = spawn_lock();
        let channel = settings.transport.open(&mut command)?;
        let child = command.spawn()?;
        drop((command, spawn_lock)); // Closes this copy of the worker's end.
        let process = Arc::new(Process::new(child));
        let waiter = Arc::clone(&process);
        let thread = thread::Builder::new().name("worker-wait".to_owned());
        let waiter = thread.spawn(move || {
            waiter.reap();
            on_exit();
        });
        let waiter = waiter.inspect_err(|_| {
            process.kill();
            process.reap();
        })?;
        Ok((process, waiter, channel))
    }

    /// Waits until the process has connected to the channel.
    pub(crate) fn connect(
        &self,
        channel: PendingChannel,
        deadline: Option<Instant>,
    ) -> Result<&Channel, StartError> {
        let channel = channel(deadline, &|| !self.is_dead());
        let channel = channel.map_err(|error| self.start_error(error))?;
        let channel = self.channel.get_or_init(|| channel);
        // `reap` closes the channel, but the process may have died before there was one.
        if self.is_dead() {
            channel.close();
        }
        Ok(channel)
    }

    /// The start error for an error of the channel, while the worker is not ready.
    pub(crate) fn start_error(&self, error: io::Error) -> StartError {
        match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                StartError::Silent { worker: self.id }
            }
            ErrorKind::InvalidData => {
                StartError::Handshake(format!("worker {} sent {error}", self.id).into())
            }
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe => self.early_death(false),
            _ => error.into(),
        }
    }

    /// After the channel ended before the worker was ready: waits for the worker's end, and
    /// returns why it ended.
    pub(crate) fn early_death(&self, in_initializer: bool) -> StartError {
        match self.wait_after_channel() {
            Exit::InTime(how) => StartError::Died {
                worker: self.id,
                how,
                in_initializer,
            },
            Exit::Overdue => StartError::Silent { worker: self.id },
        }
    }

    /// Waits until the process has ended, and takes its status. Then closes the channel,
    /// which a grandchild may still hold open.
    fn reap(&self) {
        loop {
            // Waits for the end of the process but does not reap it. Until it is reaped, no
            // other process can get its id, so `kill` cannot hit another process.
            #[cfg(unix)]
            if let Some(id) = self.id.try_into().ok().and_then(Pid::from_raw) {
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
                let _ = waitid(WaitId::Pid(id), options);
            }
            let mut life = lock(&self.life);
            life.death = match life.child.try_wait() {
                Ok(None) => None,
                Ok(Some(status)) => Some(Death::from(status)),
                // Other code of this program has reaped it.
                Err(_) => Some(Death::Unknown),
            };
            if life.death.is_some() {
                break;
            }
            drop(life);
            // `waitid` is missing on this system, or was interrupted.
            thread::sleep(Duration::from_millis(10));
        }
        if let Some(channel) = self.channel.get() {
            channel.close();
        }
        self.ended.notify_all();
    }

    pub(crate) fn is_dead(&self) -> bool {
        lock(&self.life).death.is_some()
    }

    pub(crate) fn kill(&self) {
        let mut life = lock(&self.life);
        if life.death.is_none() {
            life.killed = true;
            let _ = life.child.kill();
        }
    }

    /// Waits for the end of a process after its channel has ended.
    pub(crate) fn wait_after_channel(&self) -> Exit {
        self.wait_for_exit(CHANNEL_GRACE)
    }

    /// Waits for the end of a process, and kills it if it has not ended within `limit`.
    pub(crate) fn wait_for_exit(&self, limit: Duration) -> Exit {
        let life = lock(&self.life);
        let (mut life, waited) = self
            .ended
            .wait_timeout_while(life, limit, |life| life.death.is_none())
            .unwrap_or_else(|poison| poison.into_inner());
        if waited.timed_out() {
            life.killed = true;
            let _ = life.child.kill();
        }
        loop {
            match life.death {
                Some(_) if waited.timed_out() => return Exit::Overdue,
                Some(death) => return Exit::InTime(death),
                None => life = wait(&self.ended, life, Duration::MAX),
            }
        }
    }

    /// How the process has ended, unless the pool has killed it.
    pub(crate) fn unforced_exit(&self) -> Option<Death> {
        let life = lock(&self.life);
        life.death.filter(|_| !life.killed)
    }
}

/// Whether a process has ended within a limit.
pub(crate) enum Exit {
    /// It ended within the limit.
    InTime(Death),
    /// It did not, and was killed.
    Overdue,
}

#[cfg(test)]
impl Process {
    /// A real process, which exits soon.
    pub(crate) fn for_tests() -> Arc<Process> {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let child = command
            .arg("--list")
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        Arc::new(Process::new(child))
    }

    pub(crate) fn was_killed(&self) -> bool {
        lock(&self.life).killed
    }
}
