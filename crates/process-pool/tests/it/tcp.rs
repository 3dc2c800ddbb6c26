//! The transport for platforms without socket pairs.

use std::process::Command;

use crate::common::{Folder, deadline};

const PARTS: [&str; 11] = [
    "awaiting::",
    "callbacks::",
    "crash::",
    "decoding::",
    "handles::",
    "limits::",
    "map::",
    "panics::",
    "settings::",
    "shutdown::",
    "starting::",
];

/// Runs every other test that uses a channel again, over TCP.
#[test]
fn the_tcp_transport_does_the_same() {
    if std::env::var("POOL_TEST_TRANSPORT").is_ok() {
        return;
    }
    deadline(|| {
        // A file, not a pipe: processes that a test leaves behind would keep a pipe open
        // for half a minute.
        let folder = Folder::new();
        let path = folder.join("output");
        let output = std::fs::File::create(&path).unwrap();
        let status = Command::new("/proc/self/exe")
            .env("POOL_TEST_TRANSPORT", "tcp")
            .args(PARTS)
            .stderr(output.try_clone().unwrap())
            .stdout(output)
            .status()
            .unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(status.success(), "{text}");
        for part in PARTS {
            assert!(text.contains(&format!("test {part}")), "{part}: {text}");
        }
    });
}
