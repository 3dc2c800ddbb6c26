//! The memory of a process and all its descendants together.
//!
//! On Linux this is the sum of their proportional set sizes (PSS): memory that several of
//! them share, such as the program's own code, counts once in all. The kernel's figure for a
//! program that has ended (`ru_maxrss`) would be that of its largest process alone, and so
//! flatter pools of processes. Elsewhere there is no other.

#[cfg(target_os = "linux")]
pub use linux::{Watch, available};

#[cfg(not(target_os = "linux"))]
pub struct Watch;

#[cfg(not(target_os = "linux"))]
impl Watch {
    pub fn start(_: u32) -> Self {
        Watch
    }

    pub fn peak(&self) -> u64 {
        0
    }
}

#[cfg(not(target_os = "linux"))]
pub fn available() -> u64 {
    u64::MAX
}

/// Whether [`Watch`] sees anything on this system.
pub const IS_WATCHED: bool = cfg!(target_os = "linux");

/// What the figures are, for those who read them.
pub const MEANING: &str = if IS_WATCHED {
    "the most that the program and its child processes held at one time (sum of their PSS)"
} else {
    "the most that the largest of the program's processes held"
};

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashSet;
    use std::fs;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;
    use std::time::Duration;

    /// A thread that looks again and again how much memory a process tree holds.
    pub struct Watch {
        peak: Arc<AtomicU64>,
    }

    impl Watch {
        /// Watches the process `root`, which leads a process group.
        pub fn start(root: u32) -> Self {
            let peak = Arc::new(AtomicU64::new(0));
            // Whoever drops the watch ends the thread.
            let watched = Arc::downgrade(&peak);
            thread::spawn(move || {
                while let Some(peak) = watched.upgrade() {
                    peak.fetch_max(proportional_set_size(tree(root)), Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(1));
                }
            });
            Watch { peak }
        }

        /// The most bytes seen at one time so far.
        pub fn peak(&self) -> u64 {
            self.peak.load(Ordering::Relaxed)
        }
    }

    /// How many bytes programs can still take without swapping.
    pub fn available() -> u64 {
        let lines = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        kilobytes(&lines, "MemAvailable:").map_or(u64::MAX, |kilobytes| 1024 * kilobytes)
    }

    /// The processes of the group that `root` leads, and all their descendants.
    fn tree(root: u32) -> HashSet<u32> {
        let processes: Vec<Process> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                Process::read(entry.ok()?.file_name().to_str()?.parse().ok()?)
            })
            .collect();
        let mut tree = HashSet::new();
        loop {
            let size = tree.len();
            for process in &processes {
                if process.group == root || tree.contains(&process.parent) {
                    tree.insert(process.id);
                }
            }
            if tree.len() == size {
                return tree;
            }
        }
    }

    struct Process {
        id: u32,
        parent: u32,
        group: u32,
    }

    impl Process {
        /// `None` if there is no such process any more.
        fn read(id: u32) -> Option<Self> {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // `id (name) state parent group ...`, and the name may hold anything.
            let (_, fields) = stat.rsplit_once(") ")?;
            let mut fields = fields.split(' ').skip(1);
            Some(Process {
                id,
                parent: fields.next()?.parse().ok()?,
                group: fields.next()?.parse().ok()?,
            })
        }
    }

    /// The sum of the proportional set sizes, in bytes. A process that is being started still
    /// has the memory of the one that starts it, for an instant: that must not count twice,
    /// nor that of this process at all.
    fn proportional_set_size(processes: HashSet<u32>) -> u64 {
        let rollup = |id: &str| fs::read_to_string(format!("/proc/{id}/smaps_rollup"));
        let own = rollup("self").unwrap_or_default();
        let own_addresses = own.lines().next();
        let memories: HashSet<String> = processes
            .iter()
            .filter_map(|id| rollup(&id.to_string()).ok())
            .filter(|memory| memory.lines().next() != own_addresses)
            .collect();
        let pss = memories
            .iter()
            .filter_map(|memory| kilobytes(memory, "Pss:"));
        pss.map(|kilobytes| 1024 * kilobytes).sum()
    }

    /// The value of a line such as `Pss:    123 kB`.
    fn kilobytes(lines: &str, key: &str) -> Option<u64> {
        let value = lines.lines().find_map(|line| line.strip_prefix(key))?;
        value.trim().strip_suffix(" kB")?.parse().ok()
    }

    #[cfg(test)]
    mod tests {
        use std::ops::Range;
        use std::process::Command;
        use std::time::Duration;

        use crate::measure::process;

        const MB: u64 = 1_000_000;

        /// Measures a shell that starts so many children, each of which holds 20 MB: `dd`
        /// fills its block, and then has to wait until somebody reads it.
        fn assert_peak(starter: &str, children: u32, expected: Range<u64>) {
            let script = format!(
                "for i in $(seq {children}); do
                     {starter} dd if=/dev/zero bs=20000000 count=1 status=none \
                         | (sleep 0.5; cat > /dev/null) &
                 done
                 wait"
            );
            let mut command = Command::new("sh");
            command.args(["-c", &script]);
            let peak =
                process::peak_memory(&mut command, Duration::from_secs(60)).unwrap();
            assert!(expected.contains(&peak), "{children} children: {peak}");
        }

        #[test]
        fn the_memory_of_children_is_added() {
            assert_peak("", 0, 1..10 * MB);
            assert_peak("", 1, 20 * MB..30 * MB);
            assert_peak("", 4, 80 * MB..100 * MB);
        }

        #[test]
        fn a_child_that_leaves_the_process_group_counts() {
            assert_peak("setsid --wait", 2, 40 * MB..60 * MB);
        }
    }
}
