//! The transport of the platforms without socket pairs.

use std::process::Command;

use crate::common::deadline;

/// Every other test that concerns a channel, once more over TCP.
#[test]
fn the_tcp_transport_does_the_same() {
    if std::env::var("POOL_TEST_TRANSPORT").is_ok() {
        return;
    }
    deadline(|| {
        for part in ["map::", "crash::", "shutdown::", "settings::", "handles::"] {
            let output = Command::new("/proc/self/exe")
                .env("POOL_TEST_TRANSPORT", "tcp")
                .args([part, "-q"])
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{part}: {text}");
            assert!(!text.contains("running 0 tests"), "{part}: {text}");
        }
    });
}
