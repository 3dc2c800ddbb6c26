//! How many connections this program can have open at the same time.

/// The most descriptors that a program uses besides its connections: its event loop, its demo
/// site, and the files that it was started with.
const RESERVED: u64 = 30;

/// The most descriptors that a fetch uses: its connection, the other end of the connection if
/// the demo site is in this program, and for a moment a file, while a host is looked up or a
/// process is started.
const PER_FETCH: u64 = 3;

/// How many fetches can be in flight at the same time.
///
/// # Errors
///
/// The limit of open files does not allow a single fetch.
pub(crate) fn most_fetches() -> Result<usize, String> {
    let limit = raise_limit();
    match limit.saturating_sub(RESERVED) / PER_FETCH {
        0 => Err(format!(
            "at most {limit} open files are allowed here (ulimit -n); fetching needs {}",
            RESERVED + PER_FETCH
        )),
        most => Ok(usize::try_from(most).unwrap_or(usize::MAX)),
    }
}

/// Raises the limit of open files as far as the system allows, and returns it. Most systems
/// start programs with a low limit; Windows has none.
pub(crate) fn raise_limit() -> u64 {
    rlimit::increase_nofile_limit(u64::MAX).unwrap_or(u64::MAX)
}
