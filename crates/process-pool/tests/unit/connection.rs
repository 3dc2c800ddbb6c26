//! The unit tests of `src/connection.rs`.

use super::*;

#[test]
fn only_on_linux_does_a_reset_prove_that_a_task_had_not_begun() {
    let resets = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
    for kind in resets {
        for was_reset in [true, false] {
            assert!(was_unread(true, kind, was_reset), "{kind:?}");
        }
    }
    assert!(was_unread(true, ErrorKind::UnexpectedEof, true));
    // Without a reset it may have read the task, and begun.
    assert!(!was_unread(true, ErrorKind::UnexpectedEof, false));
    // The pool itself has ended a worker whose time was over, or that spoke nonsense.
    for kind in [
        ErrorKind::TimedOut,
        ErrorKind::WouldBlock,
        ErrorKind::InvalidData,
    ] {
        assert!(!was_unread(true, kind, true), "{kind:?}");
    }
    for kind in resets.into_iter().chain([ErrorKind::UnexpectedEof]) {
        assert!(!was_unread(false, kind, true), "{kind:?}");
    }
}
