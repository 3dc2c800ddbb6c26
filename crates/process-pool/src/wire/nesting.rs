//! Keeps programs from starting themselves without end. A process knows whether it is a
//! worker, and how many pools it is nested in.

use std::process::Command;
use std::sync::OnceLock;

use super::transport::Transport;

/// The last argument of a worker's command line. Unlike an environment variable, an
/// argument is not inherited: a program that a worker starts is an ordinary program again.
const WORKER_FLAGS: &[(Transport, &str)] = &[
    #[cfg(unix)]
    (Transport::SocketPair, "process-pool-worker=socketpair"),
    (Transport::Tcp, "process-pool-worker=tcp"),
];

/// An environment variable that a worker and all its children inherit: the worker's depth,
/// and the process of its pool. It makes no process a worker. It stops a program that lost
/// the worker flag, as behind `sh -c "exec program"`, from starting itself for ever.
const DEPTH: &str = "PROCESS_POOL_DEPTH";

/// This worker's depth, which its pool has sent.
static TOLD_DEPTH: OnceLock<u32> = OnceLock::new();

/// The transport to the pool, if the command line says that this process is a worker.
pub(crate) fn worker_flag() -> Option<Transport> {
    let last = std::env::args_os().next_back()?;
    let found = WORKER_FLAGS.iter().find(|(_, flag)| last == *flag);
    found.map(|(transport, _)| *transport)
}

/// The argument that [`worker_flag`] recognises.
pub(crate) fn worker_flag_of(transport: Transport) -> &'static str {
    let found = WORKER_FLAGS.iter().find(|(known, _)| *known == transport);
    found.map_or("", |(_, flag)| flag)
}

/// Adds to a command what makes the started program a worker of this process.
pub(crate) fn set_worker_args(command: &mut Command, transport: Transport) {
    let inherited = format!("{} {}", depth() + 1, std::process::id());
    command.env(DEPTH, inherited).arg(worker_flag_of(transport));
}

/// In a worker, stores the depth that its pool has sent.
pub(crate) fn set_depth(depth: u32) {
    let _ = TOLD_DEPTH.set(depth);
}

/// How many pools this process is nested in.
pub(crate) fn depth() -> u32 {
    let inherited = || inherited().map_or(0, |(depth, _)| depth);
    TOLD_DEPTH.get().copied().unwrap_or_else(inherited)
}

/// The inherited depth, and the process of the pool that set it.
fn inherited() -> Option<(u32, u32)> {
    let text = std::env::var(DEPTH).ok()?;
    let (depth, pool) = text.split_once(' ')?;
    Some((depth.parse().ok()?, pool.parse().ok()?))
}

/// The process of the pool above this one. `None` unless a worker started this program, or
/// this is a worker that lost its flag.
pub(crate) fn pool_above() -> Option<u32> {
    let inherited = inherited().filter(|_| TOLD_DEPTH.get().is_none());
    inherited.map(|(_, pool)| pool)
}

/// Whether this process was started as a worker and lost the worker flag: its parent is the
/// process of a pool.
pub(crate) fn lost_its_flag() -> bool {
    #[cfg(unix)]
    return pool_above() == Some(std::os::unix::process::parent_id());
    #[cfg(not(unix))]
    return false;
}
