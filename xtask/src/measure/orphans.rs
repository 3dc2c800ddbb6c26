//! Processes that a program has started and not waited for, wherever they have gone. Only
//! Linux lets them be found.

use std::collections::HashSet;
use std::{fs, process};

use rustix::process::{
    Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, waitpid,
};

/// What became a child of this process since this was made, other than by being started here:
/// a descendant of a program, whose parent has ended.
#[derive(Clone)]
pub struct Orphans {
    others: HashSet<u32>,
}

impl Orphans {
    /// From now on orphans become children of this process.
    pub fn adopt() -> Self {
        // Without it, those that left their process group would be lost, as elsewhere.
        let _ = set_child_subreaper(Some(getpid()));
        let others = children().collect();
        Orphans { others }
    }

    /// Their ids, and that of the program itself if it still is to be waited for.
    pub fn ids(&self) -> impl Iterator<Item = u32> {
        children().filter(|id| !self.others.contains(id))
    }

    /// Kills them and waits for them, until there is none: the children of one that is killed
    /// are the next.
    pub fn end(&self) {
        loop {
            let ids: Vec<_> = self.ids().collect();
            if ids.is_empty() {
                return;
            }
            for id in ids.into_iter().filter_map(|id| Pid::from_raw(id as i32)) {
                // These can only fail because it is gone.
                let _ = kill_process(id, Signal::KILL);
                let _ = waitpid(Some(id), WaitOptions::empty());
            }
        }
    }
}

/// The children of the main thread. It is the one that orphans are given to.
fn children() -> impl Iterator<Item = u32> {
    let file = format!("/proc/self/task/{}/children", process::id());
    let ids = fs::read_to_string(file).unwrap_or_default();
    let ids: Vec<_> = ids.split(' ').filter_map(|id| id.parse().ok()).collect();
    ids.into_iter()
}
