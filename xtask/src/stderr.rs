//! Messages for the user, on stderr.

use std::io::{self, Write};

/// Says something in a line of its own. Where stderr is closed or full, nothing more can be
/// done: what is measured counts for more than what is said of it.
pub fn say(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}
