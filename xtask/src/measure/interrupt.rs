//! Ctrl-C and SIGTERM: noted here and looked at wherever something is waited for, so that a
//! race stops in an orderly way and leaves no racer behind.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// From here on the first Ctrl-C is only noted; a second one ends the program at once.
pub fn install() -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_default(signal, &REQUESTED)?;
        flag::register(signal, &REQUESTED)?;
    }
    Ok(())
}

pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Ends the program as Ctrl-C would have, so that whoever started it knows.
pub fn die() {
    // If it comes back, the program ends with an error all the same.
    let _ = low_level::emulate_default_handler(SIGINT);
}

/// Fails if the user wants to stop.
pub fn check() -> Result<()> {
    if requested() {
        bail!("interrupted");
    }
    Ok(())
}
