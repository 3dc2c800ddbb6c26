//! Messages for the user, on stderr.

use std::io::{self, Write};

/// Prints a message on a line of its own. If stderr is closed or full the message is lost,
/// because the measurement must go on.
pub fn say(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}
