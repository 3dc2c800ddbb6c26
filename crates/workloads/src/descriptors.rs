//! How many connections the system lets this program have open at the same time.

/// What a program opens besides its connections, at most: its event loop, its own demo site,
/// the files that it was started with.
const RESERVED: u64 = 30;

/// What a fetch opens at most: its connection, the other end of it if that is the demo site
/// in this program, and for a moment a file when a host is looked up or a process started.
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
/// start programs with a low one; Windows has none.
pub(crate) fn raise_limit() -> u64 {
    rlimit::increase_nofile_limit(u64::MAX).unwrap_or(u64::MAX)
}
