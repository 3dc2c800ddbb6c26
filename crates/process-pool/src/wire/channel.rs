//! The private channel between the pool and one worker: a stream of bytes in both
//! directions.

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::sync::lock;

/// One end of an open channel.
pub(crate) struct Channel(Socket);

/// The pool's end of a channel that the worker has not connected to. Calling it waits for
/// the worker until the deadline, while the given function says that the worker is alive.
pub(crate) type PendingChannel =
    Box<dyn FnOnce(Option<Instant>, &dyn Fn() -> bool) -> io::Result<Channel>>;

/// Held while sockets are made and processes are started. Linux makes a socket
/// close-on-exec in one step. Elsewhere it takes two, and a child that is started between
/// them would inherit the socket and keep the channel of another worker open.
pub(crate) fn spawn_lock() -> Option<MutexGuard<'static, ()>> {
    static SPAWN_LOCK: Mutex<()> = Mutex::new(());
    (!cfg!(target_os = "linux")).then(|| lock(&SPAWN_LOCK))
}

/// If the other end is gone, a write returns an error. It never raises SIGPIPE, which would
/// end a program that does not ignore it.
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
        // Apple's systems have no flag for `send` that prevents SIGPIPE, only this socket
        // option.
        #[cfg(target_vendor = "apple")]
        let _ = rustix::net::sockopt::set_socket_nosigpipe(&socket, true);
        Channel(socket)
    }

    /// Whether the connection was reset: the other end was closed with unread bytes.
    pub(crate) fn was_reset(&self) -> bool {
        matches!(self.0.take_error(), Ok(Some(_)))
    }

    /// Ends both directions, also if other processes hold copies of the socket. What has
    /// arrived can still be read. On Linux, first waits a moment for the channel to end by
    /// itself, because that shows whether it was reset. A child that has just been forked
    /// holds a copy only until its exec.
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

    /// Sets how long a read or a write may wait. After that it fails with `WouldBlock` or
    /// `TimedOut`.
    pub(crate) fn set_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        // A limit below the system's smallest unit would mean no limit.
        let limit = limit.map(|limit| limit.max(Duration::from_millis(1)));
        self.0.set_read_timeout(limit)?;
        self.0.set_write_timeout(limit)
    }

    /// Waits until bytes can be read, without reading them; 0 means the end. If a worker
    /// waited in `read` and were killed as bytes arrive, it might have consumed them. The
    /// pool could not know whether the task has begun.
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

    /// Waits until the parent is gone. Another thread may use the channel in the meantime.
    pub(crate) fn wait_for_hangup(&self) {
        #[cfg(target_os = "linux")]
        if self.poll_for_hangup().is_ok() {
            return;
        }
        // Peeks at bytes that another thread will read. (`poll` would be better, but on
        // macOS it does not report a hang-up.)
        loop {
            match self.wait_for_bytes() {
                Ok(0) | Err(_) => return,
                // A frame arrives, so the parent is alive.
                Ok(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Watches the parent's process as well as the channel. A child that the parent forked
    /// without an exec holds a copy of the parent's end. Then the channel stays open when
    /// the parent dies.
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
