//! How many files and connections the system lets this program have open at once.

/// What a client keeps open beside its connections: the ends of its event loop, and a few to
/// spare.
const CLIENT: usize = 16;

/// What a program has open at the least in one model or another: the ends of an event loop, a
/// worker process. All models take the same, so that all do the same.
const PROGRAM: usize = 10;

/// How many fetches at a time the descriptors that are free carry, if each takes `each`.
///
/// # Errors
///
/// They do not carry a single one.
pub(crate) fn fetches(each: usize) -> Result<usize, String> {
    check("fetching", CLIENT + each)?;
    Ok(free().saturating_sub(CLIENT) / each)
}

/// Checks that the descriptors that are free carry a program at all.
pub(crate) fn check_program() -> Result<(), String> {
    check("this program", PROGRAM)
}

fn check(what: &str, needed: usize) -> Result<(), String> {
    let free = free();
    if free < needed {
        let limit = limit();
        let needed = limit - free + needed;
        return Err(format!(
            "no more than {limit} open files are allowed here (ulimit -n), and {what} takes \
             {needed}"
        ));
    }
    Ok(())
}

/// What can still be opened. Where connections do not count as open files, that is no matter.
fn free() -> usize {
    // Where this cannot be read, it is the three that every program starts with.
    let open = || std::fs::read_dir("/dev/fd").map_or(3, |files| files.count());
    if cfg!(unix) {
        limit().saturating_sub(open())
    } else {
        usize::MAX
    }
}

/// The limit, as high as this program may set it: most systems start programs with a low
/// one.
pub(crate) fn limit() -> usize {
    rlimit::increase_nofile_limit(u64::MAX).map_or(usize::MAX, |limit| limit as usize)
}
