//! Ctrl-C, SIGTERM and a closed terminal (SIGHUP): noted here, and told at once to whoever
//! waits for a program, so that a race stops in an orderly way and leaves no racer behind.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Result, bail};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// The signal that asked last.
static SIGNAL: AtomicUsize = AtomicUsize::new(SIGINT as usize);

/// From here on the first of these signals is only noted. A second Ctrl-C or SIGTERM ends the
/// program at once; a second SIGHUP does not, since a terminal that closes tends to send two.
pub fn install() -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_default(signal, &REQUESTED)?;
        note(signal)?;
    }
    #[cfg(unix)]
    hangup::install()?;
    Ok(())
}

fn note(signal: i32) -> io::Result<()> {
    flag::register_usize(signal, &SIGNAL, signal as usize)?;
    flag::register(signal, &REQUESTED)?;
    #[cfg(unix)]
    wake::register(signal)?;
    Ok(())
}

pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Ends the program as the signal would have, so that whoever started it knows.
pub fn die() {
    // If it comes back, the program ends with an error all the same.
    let _ = low_level::emulate_default_handler(SIGNAL.load(Ordering::SeqCst) as i32);
}

/// Fails if the user wants to stop.
pub fn check() -> Result<()> {
    if requested() {
        bail!("interrupted");
    }
    Ok(())
}

#[cfg(unix)]
pub use wake::wake;

/// A blocked wait does not see a flag, and a handler may do next to nothing: it writes into a
/// pipe, and a thread that reads from it does what is asked for.
#[cfg(unix)]
mod wake {
    use std::io::{self, Read};
    use std::sync::{Mutex, OnceLock, PoisonError};
    use std::thread;

    use signal_hook::low_level::pipe;

    type Wake = Box<dyn Fn() + Send>;

    static WAKE: Mutex<Option<Wake>> = Mutex::new(None);

    /// Calls this whenever a signal is noted, in place of what was to be called before.
    pub fn wake(call: impl Fn() + Send + 'static) {
        *WAKE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(call));
    }

    pub(super) fn register(signal: i32) -> io::Result<()> {
        static PIPE: OnceLock<io::PipeWriter> = OnceLock::new();
        let pipe = match PIPE.get() {
            Some(pipe) => pipe,
            None => {
                let (reader, writer) = io::pipe()?;
                thread::Builder::new().spawn(|| call(reader))?;
                PIPE.get_or_init(|| writer)
            }
        };
        pipe::register(signal, pipe.try_clone()?)?;
        Ok(())
    }

    fn call(mut pipe: io::PipeReader) {
        while let Ok(1) = pipe.read(&mut [0]) {
            if let Some(call) = &*WAKE.lock().unwrap_or_else(PoisonError::into_inner) {
                call();
            }
        }
    }
}

#[cfg(unix)]
mod hangup {
    use std::{fs, io};

    use signal_hook::consts::SIGHUP;

    /// Notes a SIGHUP too, unless this was started to ignore it, as `nohup` does. Only Linux
    /// tells that without `unsafe`; elsewhere it counts as asked for.
    pub fn install() -> io::Result<()> {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        if is_ignored(&status) {
            return Ok(());
        }
        super::note(SIGHUP)
    }

    /// Whether SIGHUP, the first signal, is in the set of those that are ignored.
    fn is_ignored(status: &str) -> bool {
        let set = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let set = set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
        set.is_some_and(|set| set & 1 != 0)
    }

    #[cfg(test)]
    mod tests {
        use super::is_ignored;

        #[test]
        fn nohup_is_seen() {
            assert!(is_ignored("Name:\tx\nSigIgn:\t0000000000001001\n"));
            assert!(!is_ignored("Name:\tx\nSigIgn:\t0000000000001000\n"));
            assert!(!is_ignored(""));
        }
    }
}

/// On Windows Ctrl-C reaches the program that is waited for as well, and ends the wait so.
#[cfg(not(unix))]
pub fn wake(_: impl Fn() + Send + 'static) {}
