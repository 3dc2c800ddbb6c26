//! What keeps programs from multiplying: how a process knows that it is a worker, and how
//! many pools it is inside of.

use std::process::Command;
use std::sync::OnceLock;

use crate::transport::Transport;

/// The last argument of a worker's command line. An argument, unlike a variable, is not
/// passed on: what a worker starts is an ordinary program again.
const MARKS: &[(Transport, &str)] = &[
    #[cfg(unix)]
    (Transport::SocketPair, "process-pool-worker=socketpair"),
    (Transport::Tcp, "process-pool-worker=tcp"),
];

/// What a worker passes on to whatever it starts: how deep it is, and who started it. It
/// makes nobody a worker. It stops programs that lost their mark on the way, as behind
/// `sh -c "exec program"`, which would otherwise start themselves for ever.
const DEPTH: &str = "PROCESS_POOL_DEPTH";

/// How deep pools may be nested: a worker at this depth cannot build one.
pub const MAX_DEPTH: u32 = 10;

/// How deep this worker is, by its parent's own word.
static WELCOMED: OnceLock<u32> = OnceLock::new();

/// The transport of which a worker's command line speaks.
pub(crate) fn mark() -> Option<Transport> {
    let last = std::env::args_os().next_back()?;
    let mark = MARKS.iter().find(|(_, mark)| last == *mark);
    mark.map(|(transport, _)| *transport)
}

/// The argument that [`mark`] recognises.
pub(crate) fn mark_for(transport: Transport) -> &'static str {
    let mark = MARKS.iter().find(|(known, _)| *known == transport);
    mark.map_or("", |(_, mark)| mark)
}

/// Makes a command start a worker of this process.
pub(crate) fn put_marks(command: &mut Command, transport: Transport) {
    let inherited = format!("{} {}", depth() + 1, std::process::id());
    command.env(DEPTH, inherited).arg(mark_for(transport));
}

/// Takes the word of this worker's parent.
pub(crate) fn welcome(depth: u32) {
    let _ = WELCOMED.set(depth);
}

/// How many pools this process is inside of.
pub(crate) fn depth() -> u32 {
    let inherited = || inherited().map_or(0, |(depth, _)| depth);
    WELCOMED.get().copied().unwrap_or_else(inherited)
}

/// The depth that was passed on to this process, and the pool's process that did so.
fn inherited() -> Option<(u32, u32)> {
    let text = std::env::var(DEPTH).ok()?;
    let (depth, pool) = text.split_once(' ')?;
    Some((depth.parse().ok()?, pool.parse().ok()?))
}

/// The pool's process above this one, if this is an ordinary program that a worker started,
/// or a worker that lost its mark.
pub(crate) fn pool_above() -> Option<u32> {
    let inherited = inherited().filter(|_| WELCOMED.get().is_none());
    inherited.map(|(_, pool)| pool)
}

/// Whether this process was started as a worker, by the very process of a pool, and does
/// not know it.
pub(crate) fn lost_its_mark() -> bool {
    #[cfg(unix)]
    return pool_above() == Some(std::os::unix::process::parent_id());
    #[cfg(not(unix))]
    return false;
}
