//! The private channel between the pool and one worker.
//!
//! On Unix it is a socket pair; the worker finds its end as standard input, moves it to a
//! descriptor of its own and opens `/dev/null` in its place. Elsewhere it is a pair of
//! loopback connections: one for frames, one that carries nothing and by whose end the
//! worker learns that its parent is gone.

mod tcp;

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(unix)]
use std::os::{fd::AsFd, unix::net::UnixStream};
use std::process::Command;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

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
pub(crate) enum Channel {
    #[cfg(unix)]
    Socket(UnixStream),
    Tcp {
        frames: TcpStream,
        lifeline: TcpStream,
    },
}

/// The parent's end while the worker has not yet arrived at the other.
pub(crate) enum Offer {
    #[cfg(unix)]
    Socket(UnixStream),
    Tcp(tcp::Listener),
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
                command.stdin(std::os::fd::OwnedFd::from(theirs));
                Ok(Offer::Socket(above_stdio(ours)?))
            }
            Transport::Tcp => tcp::Listener::offer(command).map(Offer::Tcp),
        }
    }

    /// In a worker: takes up the channel that its parent offered.
    pub(crate) fn accept(self) -> io::Result<Channel> {
        match self {
            #[cfg(unix)]
            Transport::SocketPair => {
                let stdin = io::stdin();
                let socket = UnixStream::from(stdin.as_fd().try_clone_to_owned()?);
                // Fails unless standard input is a connected socket.
                socket.peer_addr()?;
                rustix::stdio::dup2_stdin(std::fs::File::open("/dev/null")?)?;
                Ok(Channel::Socket(socket))
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
            Offer::Socket(socket) => Ok(Channel::Socket(socket)),
            Offer::Tcp(listener) => listener.wait(deadline, is_gone),
        }
    }
}

/// A socket that no use of standard input, output or error can touch, even when this
/// process has closed those and the socket was given one of their numbers.
#[cfg(unix)]
fn above_stdio(socket: UnixStream) -> io::Result<UnixStream> {
    use std::os::fd::AsRawFd;
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
        // It may be closed already, which is as good.
        let _ = match self {
            #[cfg(unix)]
            Channel::Socket(socket) => socket.shutdown(Shutdown::Both),
            Channel::Tcp { frames, lifeline } => {
                let _ = lifeline.shutdown(Shutdown::Both);
                frames.shutdown(Shutdown::Both)
            }
        };
    }

    /// Whether the other end was closed before it had read everything, as far as that has
    /// not been reported yet.
    pub(crate) fn was_reset(&self) -> bool {
        match self {
            #[cfg(unix)]
            Channel::Socket(socket) => matches!(socket.take_error(), Ok(Some(_))),
            Channel::Tcp { frames, .. } => matches!(frames.take_error(), Ok(Some(_))),
        }
    }

    pub(crate) fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        match self {
            #[cfg(unix)]
            Channel::Socket(socket) => socket.set_read_timeout(limit),
            Channel::Tcp { frames, .. } => frames.set_read_timeout(limit),
        }
    }

    /// Waits until there is something to read, and leaves it there. A process that is
    /// killed in a `read` from TCP takes in what arrives at that moment, and nobody could
    /// tell whether it has begun with it; from a Unix socket it does not.
    pub(crate) fn wait_for_bytes(&self) -> io::Result<()> {
        match self {
            #[cfg(unix)]
            Channel::Socket(_) => Ok(()),
            Channel::Tcp { frames, .. } => frames.peek(&mut [0]).map(drop),
        }
    }

    /// Returns when the parent is gone, whatever else is going on.
    #[cfg(target_os = "linux")]
    pub(crate) fn wait_for_hangup(&self) {
        use rustix::event::{PollFd, PollFlags, poll};
        use rustix::process::{PidfdFlags, getppid, pidfd_open};
        let channel = match self {
            Channel::Socket(socket) => PollFd::new(socket, PollFlags::empty()),
            Channel::Tcp { lifeline, .. } => PollFd::new(lifeline, PollFlags::IN),
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

    /// Returns when the parent is gone, which shows in the channel alone.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn wait_for_hangup(&self) {
        loop {
            let heard = match self {
                #[cfg(unix)]
                Channel::Socket(socket) => {
                    use rustix::net::{RecvFlags, recv};
                    // A look at the frames, which are for another thread. (`poll` would
                    // do, but on macOS it keeps a hang-up to itself.)
                    let heard = recv(socket, &mut [0; 1], RecvFlags::PEEK);
                    heard.map(|(length, _)| length).map_err(io::Error::from)
                }
                Channel::Tcp { lifeline, .. } => {
                    let mut lifeline = lifeline;
                    lifeline.read(&mut [0])
                }
            };
            match heard {
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
        match self {
            #[cfg(unix)]
            Channel::Socket(socket) => (&*socket).read(buffer),
            Channel::Tcp { frames, .. } => (&*frames).read(buffer),
        }
    }
}

impl Write for &Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            #[cfg(unix)]
            Channel::Socket(socket) => (&*socket).write(bytes),
            Channel::Tcp { frames, .. } => (&*frames).write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
