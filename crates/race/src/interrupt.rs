//! Ctrl-C, SIGTERM and a closed terminal (SIGHUP) stop a race cleanly: the running program is
//! killed, and the measurements so far are kept.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

type Wake = Box<dyn Fn() + Send>;

/// A request to stop the race. Clones share the request.
#[derive(Clone, Default)]
pub struct Interrupt {
    requested: Arc<AtomicBool>,
    /// The last signal that made the request.
    signal: Arc<AtomicUsize>,
    /// Called to end the wait for the program that runs now.
    wake: Arc<Mutex<Option<Wake>>>,
}

impl Interrupt {
    /// A request that no signal can make.
    pub fn never() -> Self {
        Interrupt::default()
    }

    /// Installs handlers: the first SIGINT, SIGTERM or SIGHUP requests the stop. A second
    /// SIGINT or SIGTERM ends this program immediately. A second SIGHUP does not, because a
    /// terminal that closes may send two. If SIGHUP is ignored, as under `nohup`, it stays
    /// ignored.
    ///
    /// # Errors
    ///
    /// If the operating system refuses a handler.
    pub fn on_signals() -> io::Result<Self> {
        let interrupt = Interrupt::default();
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_default(signal, Arc::clone(&interrupt.requested))?;
        }
        let signals = signals();
        for signal in &signals {
            flag::register_usize(
                *signal,
                Arc::clone(&interrupt.signal),
                *signal as usize,
            )?;
            flag::register(*signal, Arc::clone(&interrupt.requested))?;
        }
        #[cfg(unix)]
        interrupt.wake_on(&signals)?;
        Ok(interrupt)
    }

    /// Whether the stop has been requested.
    pub fn is_requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }

    /// Ends this program by the signal, so that its parent sees the signal.
    pub fn die(&self) {
        let signal = match self.signal.load(Ordering::SeqCst) {
            0 => SIGINT,
            signal => signal as i32,
        };
        // If it returns, the caller ends with an error.
        let _ = low_level::emulate_default_handler(signal);
    }

    /// Sets the function to call when a signal comes. Replaces the one before.
    pub(crate) fn on_request(&self, call: impl Fn() + Send + 'static) {
        *self.wake.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(call));
    }

    /// A signal handler may do very little: it writes into a pipe, and a thread that reads
    /// the pipe does the rest. (On Windows Ctrl-C also reaches the running program, whose end
    /// then ends the wait.)
    #[cfg(unix)]
    fn wake_on(&self, signals: &[i32]) -> io::Result<()> {
        use std::io::Read;

        let (mut reader, writer) = io::pipe()?;
        for signal in signals {
            low_level::pipe::register(*signal, writer.try_clone()?)?;
        }
        let wake = Arc::clone(&self.wake);
        std::thread::Builder::new().spawn(move || {
            while let Ok(1) = reader.read(&mut [0]) {
                if let Some(call) = &*wake.lock().unwrap_or_else(PoisonError::into_inner)
                {
                    call();
                }
            }
        })?;
        Ok(())
    }
}

/// The signals that ask to stop.
#[cfg(unix)]
fn signals() -> Vec<i32> {
    let mut signals = vec![SIGINT, SIGTERM];
    if !hangup::is_ignored() {
        signals.push(signal_hook::consts::SIGHUP);
    }
    signals
}

#[cfg(not(unix))]
fn signals() -> Vec<i32> {
    vec![SIGINT, SIGTERM]
}

#[cfg(unix)]
mod hangup {
    use std::fs;

    /// Whether SIGHUP was ignored when this program started. Only Linux shows that without
    /// `unsafe`; elsewhere it counts as not ignored.
    pub fn is_ignored() -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        is_in_ignored_set(&status)
    }

    /// SIGHUP is signal 1, the lowest bit of the set.
    pub fn is_in_ignored_set(status: &str) -> bool {
        let set = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let set = set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
        set.is_some_and(|set| set & 1 != 0)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::hangup::is_in_ignored_set;

    #[test]
    fn nohup_is_seen() {
        assert!(is_in_ignored_set("Name:\tx\nSigIgn:\t0000000000001001\n"));
        assert!(!is_in_ignored_set("Name:\tx\nSigIgn:\t0000000000001000\n"));
        assert!(!is_in_ignored_set(""));
    }
}
