//! A channel of two connections over the loopback interface. Anyone on this machine may
//! connect, so both open with a secret, and with a number: 0 has the frames, 1 is the
//! lifeline.

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

/// The parent's end while the worker has not yet connected.
pub(crate) struct Listener {
    listener: TcpListener,
    secret: [u8; 16],
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
        let mut callers = Vec::new();
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
                    callers.push(stream);
                    false
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => true,
                // That connection has failed, not this socket.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => false,
                Err(error) => return Err(error),
            };
            for mut caller in std::mem::take(&mut callers) {
                let mut greeting = [0; 17];
                match caller.peek(&mut greeting) {
                    Ok(17) if greeting[..16] == self.secret => {
                        caller.read_exact(&mut greeting)?;
                        caller.set_nonblocking(false)?;
                        caller.set_nodelay(true)?;
                        if let Some(place) = admitted.get_mut(usize::from(greeting[16])) {
                            *place = Some(caller);
                        }
                    }
                    Ok(1..17) => callers.push(caller),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        callers.push(caller);
                    }
                    Ok(_) | Err(_) => {}
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
        let mut greeting = [number; 17];
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
