//! A worker's process as its parent sees it, and the thread that waits for its death.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::builder::Builder;
use crate::error::{Death, StartError};
use crate::guard;
use crate::panics::catch;
use crate::transport::{Channel, Offer, alone};
use crate::{lock, wait};

/// How long a worker that was told to leave, or whose channel has ended, may take to exit.
const GRACE: Duration = Duration::from_secs(5);

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
}

/// What starts a worker: without another command, this program.
fn command(settings: &Builder) -> Command {
    let mut command = match &settings.command {
        Some(command) => command(),
        None => Command::new(running_program().unwrap_or_default()),
    };
    #[cfg(unix)]
    if let (None, Some(name)) = (&settings.command, std::env::args_os().next()) {
        std::os::unix::process::CommandExt::arg0(&mut command, name);
    }
    if let Some(configure) = &settings.configure {
        configure(&mut command);
    }
    guard::put_marks(&mut command, settings.transport);
    command
}

/// The file of this program. Linux has it even when it has been deleted or replaced.
pub(crate) fn running_program() -> io::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    match cfg!(target_os = "linux") && running.exists() {
        true => Ok(running),
        false => std::env::current_exe(),
    }
}

impl Process {
    /// Starts a process, which is to take up the offer. `on_death` is called when it has
    /// ended, on the thread that is given back.
    pub(crate) fn spawn(
        settings: &Builder,
        on_death: impl FnOnce() + Send + 'static,
    ) -> Result<(Arc<Process>, JoinHandle<()>, Offer), StartError> {
        let mut command = catch(|| command(settings))
            .ok_or_else(|| io::Error::other("the worker command panicked"))?;
        let alone = alone();
        let offer = settings.transport.offer(&mut command)?;
        let child = command.spawn()?;
        drop((command, alone)); // It holds the worker's end of the channel.
        let process = Arc::new(Process {
            id: child.id(),
            channel: OnceLock::new(),
            life: Mutex::new(Life { child, death: None }),
            ended: Condvar::new(),
        });
        let waiter = Arc::clone(&process);
        let thread = thread::Builder::new().name("worker-wait".to_owned());
        let waiter = thread.spawn(move || {
            waiter.reap();
            on_death();
        });
        let waiter = waiter.inspect_err(|_| {
            process.kill();
            process.reap();
        })?;
        Ok((process, waiter, offer))
    }

    /// Waits until the process has taken up the channel.
    pub(crate) fn connect(
        &self,
        offer: Offer,
        deadline: Option<Instant>,
    ) -> Result<&Channel, StartError> {
        let channel = offer(deadline, &|| !self.is_dead());
        let channel = channel.map_err(|error| self.start_error(error))?;
        let channel = self.channel.get_or_init(|| channel);
        // Its death may have come too soon to close the channel.
        if self.is_dead() {
            channel.close();
        }
        Ok(channel)
    }

    /// What an error at the channel means while the worker is not ready.
    pub(crate) fn start_error(&self, error: io::Error) -> StartError {
        match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => self.silent(),
            ErrorKind::InvalidData => {
                StartError::Handshake(format!("worker {} sent {error}", self.id).into())
            }
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe => self.early_death(false),
            _ => error.into(),
        }
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

    fn silent(&self) -> StartError {
        let words = "did not answer: does its program enter the worker entry?";
        StartError::Handshake(format!("worker {} {words}", self.id).into())
    }

    /// Waits until the process has ended and takes its status. The channel may still be
    /// held open by a grandchild, so it is closed here.
    fn reap(&self) {
        let death = loop {
            // Returns when the process has ended, but leaves it to be reaped: until then
            // nobody else can have its number, and `kill` cannot hit a stranger.
            #[cfg(unix)]
            if let Some(id) = self.id.try_into().ok().and_then(Pid::from_raw) {
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
                let _ = waitid(WaitId::Pid(id), options);
            }
            match lock(&self.life).child.try_wait() {
                // There is nothing to wait with, or it was interrupted.
                Ok(None) => thread::sleep(Duration::from_millis(10)),
                Ok(Some(status)) => break Death::from(status),
                // Somebody else has reaped it.
                Err(_) => break Death::Unknown,
            }
        };
        lock(&self.life).death = Some(death);
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
            // It may have ended meanwhile, which is as good.
            let _ = life.child.kill();
        }
    }

    /// Waits for the end of a process that is expected to end, and helps it along when it
    /// does not: the flag says whether that was needless.
    pub(crate) fn death(&self) -> (Death, bool) {
        let life = lock(&self.life);
        let (mut life, waited) = self
            .ended
            .wait_timeout_while(life, GRACE, |life| life.death.is_none())
            .unwrap_or_else(|poison| poison.into_inner());
        if waited.timed_out() {
            let _ = life.child.kill();
        }
        loop {
            match life.death {
                Some(death) => return (death, !waited.timed_out()),
                None => life = wait(&self.ended, life, Duration::MAX),
            }
        }
    }
}
