//! The private channel between the pool and one worker.
//!
//! On Unix it is a socket pair; the worker finds its end as standard input, moves it to a
//! descriptor of its own and opens `/dev/null` in its place. Elsewhere it is a pair of
//! loopback connections that both open with a secret: one for frames, one that carries
//! nothing and by whose end the worker learns that its parent is gone.

use std::io::{self, Error, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
#[cfg(unix)]
use std::os::{fd::AsFd, unix::net::UnixStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
    Tcp {
        listener: TcpListener,
        secret: [u8; 16],
    },
}

/// The variable that tells a worker where to connect and with which secret. It says nothing
/// to a worker's own children: only the worker mark makes a program look at it.
const ADDRESS: &str = "PROCESS_POOL_ADDRESS";

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
            Transport::Tcp => {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
                let secret = secret();
                let port = listener.local_addr()?.port();
                let key = u128::from_le_bytes(secret);
                command
                    .env(ADDRESS, format!("{port} {key:032x}"))
                    .stdin(Stdio::null());
                Ok(Offer::Tcp { listener, secret })
            }
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
            Transport::Tcp => {
                let address = std::env::var(ADDRESS).unwrap_or_default();
                let (port, key) = address
                    .split_once(' ')
                    .and_then(|(port, key)| {
                        Some((port.parse().ok()?, u128::from_str_radix(key, 16).ok()?))
                    })
                    .ok_or_else(|| {
                        Error::new(ErrorKind::NotFound, "no address is given")
                    })?;
                let connect = || {
                    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
                    stream.set_nodelay(true)?;
                    stream.write_all(&key.to_le_bytes())?;
                    Ok::<_, Error>(stream)
                };
                Ok(Channel::Tcp {
                    frames: connect()?,
                    lifeline: connect()?,
                })
            }
        }
    }
}

impl Offer {
    /// Waits for the worker to take up the channel, while it lives and until the deadline.
    pub(crate) fn wait(
        self,
        worker: &mut Child,
        deadline: Instant,
    ) -> io::Result<Channel> {
        match self {
            #[cfg(unix)]
            Offer::Socket(socket) => Ok(Channel::Socket(socket)),
            Offer::Tcp { listener, secret } => {
                listener.set_nonblocking(true)?;
                let mut next = || loop {
                    match listener.accept() {
                        Ok((stream, peer)) => {
                            if let Some(stream) = admit(stream, peer, &secret) {
                                return Ok(stream);
                            }
                        }
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {
                            if worker.try_wait()?.is_some() {
                                return Err(ErrorKind::UnexpectedEof.into());
                            }
                            if Instant::now() > deadline {
                                return Err(ErrorKind::TimedOut.into());
                            }
                            std::thread::sleep(Duration::from_micros(500));
                        }
                        Err(error) => return Err(error),
                    }
                };
                Ok(Channel::Tcp {
                    frames: next()?,
                    lifeline: next()?,
                })
            }
        }
    }
}

/// The connection, if it opens with the secret. Anyone on this machine may knock.
fn admit(
    mut stream: TcpStream,
    peer: SocketAddr,
    secret: &[u8; 16],
) -> Option<TcpStream> {
    let mut said = [0; 16];
    stream.set_nonblocking(false).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    stream.read_exact(&mut said).ok()?;
    stream.set_read_timeout(None).ok()?;
    (peer.ip().is_loopback() && said == *secret).then_some(stream)
}

/// Sixteen bytes nobody can guess: the standard library seeds its hash maps from the
/// operating system's random numbers.
fn secret() -> [u8; 16] {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(0));
    (half() << 64 | half()).to_le_bytes()
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
            Channel::Tcp { frames, lifeline } => frames
                .shutdown(Shutdown::Both)
                .and(lifeline.shutdown(Shutdown::Both)),
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

    /// Returns when the parent is gone, whatever else is going on.
    pub(crate) fn wait_for_hangup(&self) {
        match self {
            #[cfg(unix)]
            Channel::Socket(socket) => {
                use rustix::event::{PollFd, PollFlags, poll};
                // The channel alone would do, had nobody a copy of the parent's end: a
                // child that the parent forked without an exec has one.
                let parent = parent();
                let mut watched = vec![PollFd::new(socket, PollFlags::empty())];
                watched.extend(parent.iter().map(|fd| PollFd::new(fd, PollFlags::IN)));
                while poll(&mut watched, None).is_err() {}
            }
            Channel::Tcp { lifeline, .. } => {
                let mut lifeline = lifeline;
                while let Err(error) = lifeline.read(&mut [0])
                    && error.kind() == ErrorKind::Interrupted
                {}
            }
        }
    }
}

/// A descriptor that becomes readable when the parent process ends.
#[cfg(target_os = "linux")]
fn parent() -> Option<std::os::fd::OwnedFd> {
    use rustix::process::{PidfdFlags, getppid, pidfd_open};
    pidfd_open(getppid()?, PidfdFlags::empty()).ok()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn parent() -> Option<std::os::fd::OwnedFd> {
    None
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
