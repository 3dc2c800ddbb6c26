//! How a channel comes about. On Unix it is a socket pair; the worker finds its end as
//! standard input, moves it to a descriptor of its own and opens `/dev/null` in its place.
//! Elsewhere it is a loopback connection.

use std::io;
#[cfg(unix)]
use std::os::fd::{AsFd, OwnedFd};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::process::Command;

#[cfg(unix)]
use socket2::Socket;

use super::channel::{Channel, PendingChannel};
use super::tcp;

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

impl Transport {
    /// Makes a channel and puts the worker's end into the command that will start it.
    pub(crate) fn open(self, command: &mut Command) -> io::Result<PendingChannel> {
        match self {
            #[cfg(unix)]
            Transport::SocketPair => {
                let (ours, theirs) = UnixStream::pair()?;
                command.stdin(OwnedFd::from(theirs));
                // The copy is above standard input, output and error, also in a program
                // that has closed those: no use of them can touch it.
                let ours = Channel::new(OwnedFd::from(ours).try_clone()?.into());
                Ok(Box::new(|_, _| Ok(ours)))
            }
            Transport::Tcp => tcp::open(command),
        }
    }

    /// In a worker: takes up the channel to its pool.
    pub(crate) fn accept(self) -> io::Result<Channel> {
        match self {
            #[cfg(unix)]
            Transport::SocketPair => {
                let socket = Socket::from(io::stdin().as_fd().try_clone_to_owned()?);
                // Fails unless standard input is a connected socket.
                socket.peer_addr()?;
                rustix::stdio::dup2_stdin(std::fs::File::open("/dev/null")?)?;
                Ok(Channel::new(socket))
            }
            Transport::Tcp => tcp::connect(),
        }
    }
}
