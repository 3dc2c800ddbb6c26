//! What stands behind an error: reqwest and hyper wrap a cause four or five times.

use std::error::Error;
use std::io;

/// An error and its causes, outermost first.
pub(super) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> Vec<&'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // What an `io::Error` is made of, it does not count among its causes.
        match error.downcast_ref().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    })
    .collect()
}

/// The innermost cause of a type.
pub(super) fn find<'a, E: Error + 'static>(
    causes: &[&'a (dyn Error + 'static)],
) -> Option<&'a E> {
    causes.iter().rev().find_map(|cause| cause.downcast_ref())
}

/// Whether the other side closed the connection in the middle of something.
pub(super) fn ended_early(causes: &[&(dyn Error + 'static)]) -> bool {
    find(causes).is_some_and(hyper::Error::is_incomplete_message)
        || find::<io::Error>(causes)
            .is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof)
}
