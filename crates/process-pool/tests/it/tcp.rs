//! The transport of the platforms without socket pairs.

use std::process::Command;

use crate::common::deadline;

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

/// Every other test that concerns a channel, once more over TCP.
#[test]
fn the_tcp_transport_does_the_same() {
    if std::env::var("POOL_TEST_TRANSPORT").is_ok() {
        return;
    }
    deadline(|| {
        let output = Command::new("/proc/self/exe")
            .env("POOL_TEST_TRANSPORT", "tcp")
            .args(PARTS)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        for part in PARTS {
            assert!(text.contains(&format!("test {part}")), "{part}: {text}");
        }
    });
}
