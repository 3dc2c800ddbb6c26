//! Processes that a program has started and not waited for, wherever they have gone. Only
//! Linux lets them be found.

use std::time::Duration;

#[cfg(target_os = "linux")]
pub use linux::{Orphans, spare};

/// So long whoever tidies up after a program that came to grief may take.
pub const MOMENT: Duration = Duration::from_secs(1);

/// Nobody is found.
#[cfg(not(target_os = "linux"))]
pub struct Orphans;

#[cfg(not(target_os = "linux"))]
impl Orphans {
    pub fn adopt() -> Self {
        Orphans
    }

    pub fn end(&self, _: Duration) {}
}

#[cfg(not(target_os = "linux"))]
pub fn spare(_: u32) {}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashSet;
    use std::path::Path;
    use std::sync::{Mutex, PoisonError};
    use std::time::{Duration, Instant};
    use std::{fs, process, thread};

    use rustix::process::{
        Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, waitpid,
    };

    static KNOWN: Mutex<Vec<u32>> = Mutex::new(Vec::new());

    /// Remembers a child that is of no program's family and outlives the thread that started it,
    /// after whose end it looks like an orphan.
    pub fn spare(id: u32) {
        KNOWN
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(id);
    }

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
            let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
            let children = threads
                .flatten()
                .flat_map(|thread| children(&thread.path()));
            let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
            let others = children.chain(known.iter().copied()).collect();
            Orphans { others }
        }

        /// Their ids, and that of the program itself if it still is to be waited for.
        pub fn ids(&self) -> impl Iterator<Item = u32> {
            // Orphans are given to the main thread.
            let children =
                children(&Path::new("/proc/self/task").join(process::id().to_string()));
            children.into_iter().filter(|id| !self.others.contains(id))
        }

        /// Waits until there is none; those that do not end within `patience` are killed. The
        /// children of one that has ended are the next.
        pub fn end(&self, patience: Duration) {
            let until = Instant::now() + patience;
            loop {
                let ids: Vec<_> = self.ids().collect();
                if ids.is_empty() {
                    return;
                }
                let is_late = Instant::now() >= until;
                for id in ids.into_iter().filter_map(|id| Pid::from_raw(id as i32)) {
                    // These can only fail because it is gone.
                    if is_late {
                        let _ = kill_process(id, Signal::KILL);
                        let _ = waitpid(Some(id), WaitOptions::empty());
                    } else {
                        let _ = waitpid(Some(id), WaitOptions::NOHANG);
                    }
                }
                if !is_late {
                    thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }

    /// What a thread has started, and is yet to be waited for.
    fn children(thread: &Path) -> Vec<u32> {
        let ids = fs::read_to_string(thread.join("children")).unwrap_or_default();
        ids.split(' ').filter_map(|id| id.parse().ok()).collect()
    }
}
