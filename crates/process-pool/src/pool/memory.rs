//! How much memory a worker and its descendants use.

use std::fs;

/// The resident memory, in bytes, of a process and all its descendants. Memory that several
/// of them share counts once for each. `None` if it is not known: off Linux, without
/// `/proc`, or when the process is gone.
pub(crate) fn resident_of_tree(process: u32) -> Option<u64> {
    let mut total = resident(process)?;
    let mut unvisited = children(process);
    while let Some(process) = unvisited.pop() {
        // A child that has just ended counts as 0.
        total += resident(process).unwrap_or(0);
        unvisited.extend(children(process));
    }
    Some(total)
}

#[cfg(target_os = "linux")]
fn resident(process: u32) -> Option<u64> {
    let sizes = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let pages: u64 = sizes.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(not(target_os = "linux"))]
fn resident(_: u32) -> Option<u64> {
    None
}

/// The child processes that any thread of a process has started.
fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let lists = threads.map(|thread| fs::read_to_string(thread.path().join("children")));
    lists
        .flatten()
        .flat_map(|list| {
            let numbers = list.split_ascii_whitespace();
            numbers.filter_map(|id| id.parse().ok()).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_has_started_counts() {
        let mut shell = std::process::Command::new("sh")
            .args(["-c", "sleep 60 & read line"])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let sleep = loop {
            match children(shell.id())[..] {
                [sleep] => break sleep,
                _ => std::thread::yield_now(),
            }
        };
        let (alone, both) = (resident(shell.id()), resident_of_tree(shell.id()));
        assert!(both > alone && alone > Some(100_000), "{alone:?}, {both:?}");
        shell.kill().unwrap();
        shell.wait().unwrap();
        assert_eq!(resident_of_tree(shell.id()), None);
        let sleep = rustix::process::Pid::from_raw(sleep.cast_signed()).unwrap();
        rustix::process::kill_process(sleep, rustix::process::Signal::KILL).unwrap();
    }
}
