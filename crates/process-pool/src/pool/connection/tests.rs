use super::*;

#[test]
fn only_on_linux_does_a_reset_prove_that_a_task_had_not_begun() {
    let linux = cfg!(target_os = "linux");
    for kind in [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset] {
        for was_reset in [true, false] {
            assert_eq!(was_unread(kind, was_reset), linux, "{kind:?}");
        }
    }
    assert_eq!(was_unread(ErrorKind::UnexpectedEof, true), linux);
    // Without a reset it may have read the task, and begun.
    assert!(!was_unread(ErrorKind::UnexpectedEof, false));
}
