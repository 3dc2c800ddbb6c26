//! How a channel is opened. On Unix it is a socket pair. The worker gets its end as
//! standard input, moves it to another descriptor, and opens `/dev/null` as standard input.
//! Elsewhere the channel is a loopback connection.

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

/// The kind of channel between a pool and its workers.
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
    /// Makes a channel and adds the worker's end to the command that starts the worker.
    pub(crate) fn open(self, command: &mut Command) -> io::Result<PendingChannel> {
        match self {
            #[cfg(unix)]
            Transport::SocketPair => {
                let (ours, theirs) = UnixStream::pair()?;
                command.stdin(OwnedFd::from(theirs));
                // The copy gets a descriptor above 2, also in a program that has closed
                // descriptors 0 to 2. So no use of those can touch the channel.
                let ours = Channel::new(OwnedFd::from(ours).try_clone()?.into());
                Ok(Box::new(|_, _| Ok(ours)))
            }
            Transport::Tcp => tcp::open(command),
        }
    }

    /// In a worker, connects to its pool.
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
