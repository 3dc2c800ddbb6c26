//! A channel over the loopback interface. Any program on this machine can connect, so a
//! worker first sends a secret.

use std::io::{self, Error, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::channel::{Channel, PendingChannel, spawn_lock};

/// The environment variable with the port and the secret. A worker's own children inherit
/// it, but only a program with the worker flag reads it.
const ADDRESS: &str = "PROCESS_POOL_ADDRESS";

/// The maximum number of open connections that have not sent the secret.
const STRANGERS: usize = 64;

/// Opens a port, and sets its address in the environment of the command.
pub(super) fn open(command: &mut Command) -> io::Result<PendingChannel> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let mut secret = [0; 16];
    getrandom::fill(&mut secret).map_err(Error::from)?;
    let port = listener.local_addr()?.port();
    let key = u128::from_le_bytes(secret);
    command
        .env(ADDRESS, format!("{port} {key:032x}"))
        .stdin(Stdio::null());
    Ok(Box::new(move |deadline, is_alive| {
        wait(&listener, secret, deadline, is_alive)
    }))
}

/// Waits for the connection that sends the secret. Other connections do not delay it.
fn wait(
    listener: &TcpListener,
    secret: [u8; 16],
    deadline: Option<Instant>,
    is_alive: &dyn Fn() -> bool,
) -> io::Result<Channel> {
    let mut callers = Vec::new();
    loop {
        let accepted = {
            let _lock = spawn_lock();
            listener.accept()
        };
        match accepted {
            Ok((stream, _)) => {
                stream.set_nonblocking(true)?;
                // Drop the oldest: it has had the most time to send the secret.
                if callers.len() == STRANGERS {
                    callers.remove(0);
                }
                callers.push(stream);
            }
            // No connection has arrived, or one has failed before it was accepted. The
            // listener still works.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(error) => return Err(error),
        }
        for mut caller in std::mem::take(&mut callers) {
            let mut greeting = [0; 16];
            match caller.peek(&mut greeting) {
                Ok(16) if greeting == secret => {
                    caller.read_exact(&mut greeting)?;
                    caller.set_nonblocking(false)?;
                    caller.set_nodelay(true)?;
                    return Ok(Channel::new(caller.into()));
                }
                Ok(1..16) => callers.push(caller),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    callers.push(caller);
                }
                Ok(_) | Err(_) => {}
            }
        }
        if !is_alive() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return Err(ErrorKind::TimedOut.into());
        }
        thread::sleep(Duration::from_micros(500));
    }
}

/// In a worker, connects to its parent.
pub(super) fn connect() -> io::Result<Channel> {
    let address = std::env::var(ADDRESS).unwrap_or_default();
    let (port, key) = address
        .split_once(' ')
        .and_then(|(port, key)| {
            Some((port.parse().ok()?, u128::from_str_radix(key, 16).ok()?))
        })
        .ok_or_else(|| Error::new(ErrorKind::NotFound, "no address is given"))?;
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    stream.write_all(&key.to_le_bytes())?;
    Ok(Channel::new(stream.into()))
}
