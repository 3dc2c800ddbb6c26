//! The private channel between the pool and one worker.
//!
//! On Unix it is a socket pair; the worker finds its end as standard input, moves it to a
//! descriptor of its own and opens `/dev/null` in its place. Elsewhere it is a pair of
//! loopback connections: one for frames, one that carries nothing and by whose end the
//! worker learns that its parent is gone.

mod tcp;

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::Shutdown;
#[cfg(unix)]
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::lock;

/// What the frames of a worker travel through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// A Unix socket pair: the default where there is one.
    #[cfg(unix)]
    SocketPair,
    /// Connections over the loopback interface, guarded by a secret: the default elsewhere.
    Tcp,
}

impl Default for Transport {
    #[cfg(unix)]
    fn default() -> Transport {
        Transport::SocketPair
    }

    #[cfg(not(unix))]
    fn default() -> Transport {
        Transport::Tcp
    }
}

/// One end of an open channel.
pub(crate) struct Channel {
    frames: Socket,
    /// Carries nothing; its end is that of the parent. Without it the frames' end is.
    lifeline: Option<Socket>,
}

/// The parent's end while the worker has not yet arrived at the other.
pub(crate) enum Offer {
    #[cfg(unix)]
    Ready(Channel),
    Listening(tcp::Listener),
}

/// Held while sockets are made, and while a process is started. Only Linux makes a socket
/// that other children do not inherit in one step; elsewhere a child of the wrong moment
/// would keep the parent's end of a sibling's channel open.
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
                Ok(Offer::Ready(Channel {
                    frames: above_stdio(ours.into())?.into(),
                    lifeline: None,
                }))
            }
            Transport::Tcp => tcp::Listener::offer(command).map(Offer::Listening),
        }
    }

    /// In a worker: takes up the channel that its parent offered.
    pub(crate) fn accept(self) -> io::Result<Channel> {
        match self {
            #[cfg(unix)]
            Transport::SocketPair => {
                let frames = Socket::from(io::stdin().as_fd().try_clone_to_owned()?);
                // Fails unless standard input is a connected socket.
                frames.peer_addr()?;
                rustix::stdio::dup2_stdin(std::fs::File::open("/dev/null")?)?;
                Ok(Channel {
                    frames,
                    lifeline: None,
                })
            }
            Transport::Tcp => tcp::connect(),
        }
    }
}

impl Offer {
    /// Waits for the worker to take up the channel, while it lives and until the deadline.
    pub(crate) fn wait(
        self,
        deadline: Instant,
        is_gone: impl Fn() -> bool,
    ) -> io::Result<Channel> {
        match self {
            #[cfg(unix)]
            Offer::Ready(channel) => Ok(channel),
            Offer::Listening(listener) => listener.wait(deadline, is_gone),
        }
    }
}

/// A socket that no use of standard input, output or error can touch, even when this
/// process has closed those and the socket was given one of their numbers.
#[cfg(unix)]
fn above_stdio(socket: OwnedFd) -> io::Result<OwnedFd> {
    if socket.as_raw_fd() > 2 {
        Ok(socket)
    } else {
        socket.try_clone()
    }
}

impl Channel {
    /// Ends both directions, also for everybody else who holds a copy of this socket: what
    /// has arrived can still be read, then comes the end.
    pub(crate) fn close(&self) {
        for socket in [Some(&self.frames), self.lifeline.as_ref()]
            .into_iter()
            .flatten()
        {
            // It may be closed already, which is as good.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    /// Whether the other end was closed before it had read everything, as far as that has
    /// not been reported yet.
    pub(crate) fn was_reset(&self) -> bool {
        matches!(self.frames.take_error(), Ok(Some(_)))
    }

    pub(crate) fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.frames.set_read_timeout(limit)
    }

    /// Waits until there is something to read, and leaves it there. A process that is
    /// killed while it is in a `read` may take in what arrives at that moment, and nobody
    /// could tell whether it has begun with it.
    pub(crate) fn wait_for_bytes(&self) -> io::Result<()> {
        self.frames.peek(&mut [MaybeUninit::uninit()]).map(drop)
    }

    /// Returns when the parent is gone, whatever else is going on.
    #[cfg(target_os = "linux")]
    pub(crate) fn wait_for_hangup(&self) {
        use rustix::event::{PollFd, PollFlags, poll};
        use rustix::process::{PidfdFlags, getppid, pidfd_open};
        let channel = match &self.lifeline {
            Some(lifeline) => PollFd::new(lifeline, PollFlags::IN),
            None => PollFd::new(&self.frames, PollFlags::empty()),
        };
        // The channel alone would do, had nobody a copy of the parent's end: a child that
        // the parent forked without an exec has one.
        let parent = getppid().and_then(|id| pidfd_open(id, PidfdFlags::empty()).ok());
        let parent = parent
            .iter()
            .map(|parent| PollFd::new(parent, PollFlags::IN));
        let mut watched: Vec<_> = parent.chain([channel]).collect();
        while let Err(error) = poll(&mut watched, None) {
            if error != rustix::io::Errno::INTR {
                // For want of memory, perhaps.
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }

    /// Returns when the parent is gone, which shows in the channel alone: by a look at what
    /// is for another thread. (`poll` would do, but on macOS it keeps a hang-up to itself.)
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn wait_for_hangup(&self) {
        let watched = self.lifeline.as_ref().unwrap_or(&self.frames);
        loop {
            match watched.peek(&mut [MaybeUninit::uninit()]) {
                Ok(0) => return,
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return,
                // A frame arrives, so the parent lives.
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

impl Read for &Channel {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&self.frames).read(buffer)
    }
}

impl Write for &Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&self.frames).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
