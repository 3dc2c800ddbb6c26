//! The private channel between the pool and one worker: a stream of bytes both ways.

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::sync::lock;

/// One end of an open channel.
pub(crate) struct Channel(Socket);

/// The pool's end of a channel, before the worker has taken up the other end. Waits for that
/// until the deadline, and as long as the function says that the worker lives.
pub(crate) type PendingChannel =
    Box<dyn FnOnce(Option<Instant>, &dyn Fn() -> bool) -> io::Result<Channel>>;

/// Held while sockets are made and processes started. Only Linux makes a socket that no other
/// child inherits in one step; elsewhere a child might keep its sibling's channel open.
pub(crate) fn spawn_lock() -> Option<MutexGuard<'static, ()>> {
    static SPAWN_LOCK: Mutex<()> = Mutex::new(());
    (!cfg!(target_os = "linux")).then(|| lock(&SPAWN_LOCK))
}

/// If the other end is gone, a write is an error. It never raises SIGPIPE, which would end a
/// program that does not ignore it.
impl Write for &Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(all(unix, not(target_vendor = "apple")))]
        let flags = rustix::net::SendFlags::NOSIGNAL.bits() as i32;
        #[cfg(not(all(unix, not(target_vendor = "apple"))))]
        let flags = 0;
        self.0.send_with_flags(bytes, flags)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for &Channel {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&self.0).read(buffer)
    }
}

impl Channel {
    pub(super) fn new(socket: Socket) -> Channel {
        // There is no flag for it there; without this a write might raise SIGPIPE.
        #[cfg(target_vendor = "apple")]
        let _ = rustix::net::sockopt::set_socket_nosigpipe(&socket, true);
        Channel(socket)
    }

    /// Whether the other end was closed with bytes unread, which resets the connection.
    pub(crate) fn was_reset(&self) -> bool {
        matches!(self.0.take_error(), Ok(Some(_)))
    }

    /// Ends both directions, also for other processes that hold a copy of this socket: what
    /// has arrived can still be read, then comes the end. A child that has just been forked
    /// holds a copy until it executes: then the end comes by itself, and says more.
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

    /// How long a read or a write may take, after which it fails with `WouldBlock` or
    /// `TimedOut`.
    pub(crate) fn set_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        // What is less than the system's smallest unit would be no limit at all.
        let limit = limit.map(|limit| limit.max(Duration::from_millis(1)));
        self.0.set_read_timeout(limit)?;
        self.0.set_write_timeout(limit)
    }

    /// Waits until there is something to read, and leaves it there; 0 is the end. A process
    /// that is killed while it is in a `read` may take in what arrives at that moment, and
    /// it would be unknown whether it has begun with it.
    pub(crate) fn wait_for_bytes(&self) -> io::Result<usize> {
        loop {
            let peeked = self.0.peek(&mut [MaybeUninit::uninit()]);
            match peeked {
                // A signal came, and its handler does not restart system calls.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
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
                Ok(0) | Err(_) => return,
                // A frame arrives, so the parent lives.
                Ok(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Looks at the parent's process, too. The channel alone would do, if there were no copy of
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
