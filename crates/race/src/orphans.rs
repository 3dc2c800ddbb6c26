//! Processes that a program started and did not wait for, also if they left its process
//! group. They can be found only on Linux.

#[cfg(unix)]
use std::time::Duration;

#[cfg(target_os = "linux")]
pub use linux::Orphans;

/// How long clean-up processes may live after their program has failed.
#[cfg(unix)]
pub const GRACE: Duration = Duration::from_secs(1);

/// Finds none.
#[cfg(not(target_os = "linux"))]
#[derive(Clone)]
pub struct Orphans;

#[cfg(not(target_os = "linux"))]
impl Orphans {
    pub fn adopt() -> Self {
        Orphans
    }

    #[cfg(unix)]
    pub fn end(&self, _: Duration) {}
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashSet;
    use std::path::Path;
    use std::time::{Duration, Instant};
    use std::{fs, process, thread};

    use rustix::process::{
        Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, waitpid,
    };

    /// Orphans become children of this process. So an orphan is a child of this process that
    /// was not there when the `Orphans` were made.
    #[derive(Clone)]
    pub struct Orphans {
        others: HashSet<u32>,
    }

    impl Orphans {
        /// From now on orphans become children of this process.
        pub fn adopt() -> Self {
            // If this fails, processes that left their process group are not found, as on
            // other systems.
            let _ = set_child_subreaper(Some(getpid()));
            let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
            let others = threads
                .flatten()
                .flat_map(|thread| children(&thread.path()))
                .collect();
            Orphans { others }
        }

        /// The ids of the orphans, and the id of the program itself until it is waited for.
        pub fn ids(&self) -> impl Iterator<Item = u32> {
            // Linux gives orphans to the main thread.
            let main = Path::new("/proc/self/task").join(process::id().to_string());
            children(&main)
                .into_iter()
                .filter(|id| !self.others.contains(id))
        }

        /// Waits until no orphan is left. After `patience` it kills them, and the children
        /// that they leave behind.
        pub fn end(&self, patience: Duration) {
            let until = Instant::now() + patience;
            loop {
                let ids: Vec<_> = self.ids().collect();
                if ids.is_empty() {
                    return;
                }
                let is_late = Instant::now() >= until;
                for id in ids.into_iter().filter_map(|id| Pid::from_raw(id as i32)) {
                    // Both calls fail only if the process is gone.
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

    /// The processes that a thread has started and not waited for.
    fn children(thread: &Path) -> Vec<u32> {
        let ids = fs::read_to_string(thread.join("children")).unwrap_or_default();
        ids.split(' ').filter_map(|id| id.parse().ok()).collect()
    }
}
