//! Signals that this process ignores, because what started it did.

/// Lets the programs that this process starts be ended by SIGINT, SIGQUIT and SIGHUP, as
/// programs are that a person starts in a terminal.
///
/// A program ignores what its parent ignored. Under `nohup` that is SIGHUP, in the background
/// of a script SIGINT and SIGQUIT. But one that its parent catches is at its default again.
#[cfg(target_os = "linux")]
pub fn let_children_be_signalled() {
    use std::sync::{Arc, Once};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT};

    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.expect("Linux says what is ignored").trim();
        let ignored = u64::from_str_radix(ignored, 16).expect("it is a set of bits");
        for signal in [SIGHUP, SIGINT, SIGQUIT] {
            if ignored & (1 << (signal - 1)) != 0 {
                // The flag is of no use to anything: this process goes on as before.
                let caught = signal_hook::flag::register(signal, Arc::default());
                caught.expect("it can be caught");
            }
        }
    });
}

/// Elsewhere tests look at no signal that could be ignored.
#[cfg(not(target_os = "linux"))]
pub fn let_children_be_signalled() {}
