//! The private channel between the pool and one worker.
//!
//! On Unix it is a socket pair; the worker finds its end as standard input, moves it to a
//! descriptor of its own and opens `/dev/null` in its place. Elsewhere it is a loopback
//! connection.

mod tcp;

use std::io;
use std::mem::MaybeUninit;
use std::net::Shutdown;
#[cfg(unix)]
use std::os::fd::{AsFd, OwnedFd};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::lock;

/// What the frames of a worker travel through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// A Unix socket pair: the default where there is one.
    #[cfg(unix)]
    #[default]
    SocketPair,
    /// A connection over the loopback interface, guarded by a secret: the default elsewhere.
    #[cfg_attr(not(unix), default)]
    Tcp,
}

/// One end of an open channel.
pub(crate) struct Channel(pub(crate) Socket);

/// Waits for the worker to take up the channel, until the deadline, and as long as the
/// function says that the worker lives.
pub(crate) type Offer =
    Box<dyn FnOnce(Option<Instant>, &dyn Fn() -> bool) -> io::Result<Channel>>;

/// Held while sockets are made and processes started. Only Linux makes a socket that no other
/// child inherits in one step; elsewhere one might keep a sibling's channel open.
pub(crate) fn alone() -> Option<MutexGuard<'static, ()>> {
    static ALONE: Mutex<()> = Mutex::new(());
    (!cfg!(target_os = "linux")).then(|| lock(&ALONE))
}

impl Transport {
    /// Makes a channel and puts the worker's end into the command that will start it.
    pub(crate) fn offer(self, command: &mut Command) -> io::Result<Offer> {
        match self {
            #[cfg(unix)]
            Transport::SocketPair => {
                let (ours, theirs) = UnixStream::pair()?;
                command.stdin(OwnedFd::from(theirs));
                // The copy is above standard input, output and error, also in a program
                // that has closed those: no use of them can touch it.
                let ours = Channel(OwnedFd::from(ours).try_clone()?.into());
                Ok(Box::new(|_, _| Ok(ours)))
            }
            Transport::Tcp => tcp::offer(command),
        }
    }

    /// In a worker: takes up the channel that its parent offered.
    pub(crate) fn accept(self) -> io::Result<Channel> {
        match self {
            #[cfg(unix)]
            Transport::SocketPair => {
                let socket = Socket::from(io::stdin().as_fd().try_clone_to_owned()?);
                // Fails unless standard input is a connected socket.
                socket.peer_addr()?;
                rustix::stdio::dup2_stdin(std::fs::File::open("/dev/null")?)?;
                Ok(Channel(socket))
            }
            Transport::Tcp => tcp::connect(),
        }
    }
}

impl Channel {
    /// Ends both directions, also for everybody else who holds a copy of this socket: what
    /// has arrived can still be read, then comes the end. A child that has just been forked
    /// holds a copy until it executes: then the end comes by itself, and tells more.
    pub(crate) fn close(&self) {
        #[cfg(target_os = "linux")]
        let _ = {
            use rustix::event::{PollFd, PollFlags, poll};
            let moment = Duration::from_millis(100).try_into().ok();
            let end = &mut [PollFd::new(&self.0, PollFlags::RDHUP)];
            poll(end, moment.as_ref())
        };
        let _ = self.0.shutdown(Shutdown::Both);
    }

    pub(crate) fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        // What is less than the system's smallest unit would be no limit at all.
        let limit = limit.map(|limit| limit.max(Duration::from_millis(1)));
        self.0.set_read_timeout(limit)
    }

    /// Waits until there is something to read, and leaves it there; 0 is the end. A process
    /// that is killed while it is in a `read` may take in what arrives at that moment, and
    /// nobody could tell whether it has begun with it.
    pub(crate) fn wait_for_bytes(&self) -> io::Result<usize> {
        self.0.peek(&mut [MaybeUninit::uninit()])
    }

    /// Returns when the parent is gone, whatever else is going on.
    pub(crate) fn wait_for_hangup(&self) {
        #[cfg(target_os = "linux")]
        if self.poll_for_hangup().is_ok() {
            return;
        }
        // A look at what is for another thread. (`poll` would do, but on macOS it keeps a
        // hang-up to itself.)
        loop {
            match self.wait_for_bytes() {
                Ok(0) => return,
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return,
                // A frame arrives, so the parent lives.
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Looks at the parent's process, too. The channel alone would do, had nobody a copy of
    /// the parent's end: a child that the parent forked without an exec has one.
    #[cfg(target_os = "linux")]
    fn poll_for_hangup(&self) -> rustix::io::Result<()> {
        use rustix::event::{PollFd, PollFlags, poll};
        use rustix::process::{PidfdFlags, getppid, pidfd_open};
        let parent = getppid().and_then(|id| pidfd_open(id, PidfdFlags::empty()).ok());
        let parent = parent.iter().map(|fd| PollFd::new(fd, PollFlags::IN));
        let channel = PollFd::new(&self.0, PollFlags::RDHUP);
        let mut watched: Vec<_> = parent.chain([channel]).collect();
        rustix::io::retry_on_intr(|| poll(&mut watched, None)).map(drop)
    }
}
