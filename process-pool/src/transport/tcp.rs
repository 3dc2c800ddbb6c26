//! A channel of two connections over the loopback interface. Anyone on this machine may
//! connect, so both open with a secret.

use std::io::{self, Error, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use socket2::Socket;

use super::{Channel, alone};

/// The variable that tells a worker where to connect and with which secret. It says nothing
/// to a worker's own children: only the worker mark makes a program look at it.
const ADDRESS: &str = "PROCESS_POOL_ADDRESS";

/// How many strangers may keep a connection open without a word.
const STRANGERS: usize = 64;

/// A secret, and the number of the connection, of which the first has the frames.
type Greeting = [u8; 17];

/// The parent's end while the worker has not yet connected.
pub(crate) struct Listener {
    listener: TcpListener,
    secret: [u8; 16],
}

/// A connection that has not said its whole greeting.
struct Caller {
    stream: TcpStream,
    said: Greeting,
    length: usize,
}

impl Listener {
    pub(super) fn offer(command: &mut Command) -> io::Result<Listener> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(Error::from)?;
        let port = listener.local_addr()?.port();
        let key = u128::from_le_bytes(secret);
        command
            .env(ADDRESS, format!("{port} {key:032x}"))
            .stdin(Stdio::null());
        Ok(Listener { listener, secret })
    }

    /// Waits for both connections of the worker, but not beyond the deadline, and not when
    /// the worker is gone. Strangers hold up nobody.
    pub(super) fn wait(
        self,
        deadline: Instant,
        is_gone: impl Fn() -> bool,
    ) -> io::Result<Channel> {
        let mut callers: Vec<Caller> = Vec::new();
        let mut admitted = [None, None];
        loop {
            let accepted = {
                let _alone = alone();
                self.listener.accept()
            };
            let quiet = match accepted {
                Ok((stream, _)) => {
                    stream.set_nonblocking(true)?;
                    // The oldest has had the most time.
                    if callers.len() == STRANGERS {
                        callers.remove(0);
                    }
                    callers.push(Caller {
                        stream,
                        said: [0; 17],
                        length: 0,
                    });
                    false
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => true,
                // That connection has failed, not this socket.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => false,
                Err(error) => return Err(error),
            };
            for mut caller in std::mem::take(&mut callers) {
                match caller.listen() {
                    Ok(true) if caller.said[..16] == self.secret => {
                        let place = usize::from(caller.said[16]);
                        caller.stream.set_nonblocking(false)?;
                        caller.stream.set_nodelay(true)?;
                        if let Some(place) = admitted.get_mut(place) {
                            *place = Some(caller.stream);
                        }
                    }
                    Ok(false) => callers.push(caller),
                    Ok(true) | Err(_) => {}
                }
            }
            if let [Some(_), Some(_)] = admitted {
                let [frames, lifeline] = admitted.map(|stream| stream.map(Socket::from));
                let frames = frames.ok_or(ErrorKind::NotConnected)?;
                return Ok(Channel { frames, lifeline });
            }
            if is_gone() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if Instant::now() > deadline {
                return Err(ErrorKind::TimedOut.into());
            }
            if quiet {
                thread::sleep(Duration::from_micros(500));
            }
        }
    }
}

impl Caller {
    /// Takes in what has arrived, and says whether that is the whole greeting.
    fn listen(&mut self) -> io::Result<bool> {
        while self.length < self.said.len() {
            match self.stream.read(&mut self.said[self.length..]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(length) => self.length += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// In a worker: connects to its parent.
pub(super) fn connect() -> io::Result<Channel> {
    let address = std::env::var(ADDRESS).unwrap_or_default();
    let (port, key) = address
        .split_once(' ')
        .and_then(|(port, key)| {
            Some((port.parse().ok()?, u128::from_str_radix(key, 16).ok()?))
        })
        .ok_or_else(|| Error::new(ErrorKind::NotFound, "no address is given"))?;
    let connect = |number: u8| {
        let mut greeting: Greeting = [number; 17];
        greeting[..16].copy_from_slice(&key.to_le_bytes());
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.write_all(&greeting)?;
        Ok::<_, Error>(stream)
    };
    Ok(Channel {
        frames: connect(0)?.into(),
        lifeline: Some(connect(1)?.into()),
    })
}
