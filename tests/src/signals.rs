//! Signals that this process ignores because its parent ignored them.

/// Lets SIGINT, SIGQUIT and SIGHUP end the programs that this process starts, as in a terminal.
///
/// A program ignores the signals that its parent ignored: SIGHUP under `nohup`, SIGINT and
/// SIGQUIT in the background of a script. But a signal that its parent catches has its default
/// effect in the program.
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
                // Nothing reads the flag: this process goes on as before.
                let caught = signal_hook::flag::register(signal, Arc::default());
                caught.expect("it can be caught");
            }
        }
    });
}

/// On other systems the tests send no signal that could be ignored.
#[cfg(not(target_os = "linux"))]
pub fn let_children_be_signalled() {}
