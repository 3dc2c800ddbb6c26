//! The memory of a process and all its descendants together.
//!
//! On Linux this is the sum of their proportional set sizes (PSS), their page tables, and a
//! kernel stack for each thread. In the PSS, memory that several processes share, such as the
//! program's code, counts once in total.
//!
//! The kernel's own figure for a program that has ended (`ru_maxrss`) is that of its largest
//! process only. It is too low for pools of processes, so it is not used.

#[cfg(target_os = "linux")]
pub use linux::{Watch, available, processes};

/// Whether [`Watch`] can measure on this system.
pub const IS_WATCHED: bool = cfg!(target_os = "linux");

/// The meaning of the figures, for a legend: whole sentences.
pub const MEANING: &str = if IS_WATCHED {
    "The most that the program and all its descendants held at one time: the sum of their PSS, \
     their page tables, and 16 KiB of kernel stack for each thread. Other kernel memory, such as \
     the buffers of sockets and pipes, is not counted. It is read many times in a run, and the \
     highest value counts."
} else {
    "The most that the largest of the program's processes held."
};

/// How closely a run is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// The run is also timed, so measuring uses only about 1 % of a core. The first 50 ms are
    /// measured more often, because a short program may take no longer.
    ForTime,
    /// Only the memory of this run counts, so measuring may use a third of its time. Then a
    /// program of a hundred processes that takes 250 ms is measured often enough.
    ForMemory,
}

/// Measures nothing.
#[cfg(not(target_os = "linux"))]
pub struct Watch;

#[cfg(not(target_os = "linux"))]
impl Watch {
    pub fn new(
        _: crate::orphans::Orphans,
        _: u64,
        _: Care,
        _: impl FnOnce() + Send + 'static,
    ) -> Self {
        Watch
    }

    pub fn started(&self, _: u32) {}

    pub fn end(self) -> Option<u64> {
        None
    }
}

#[cfg(not(target_os = "linux"))]
pub fn available() -> u64 {
    u64::MAX
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::{HashMap, HashSet};
    use std::fs;
    use std::io::Read;
    use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
    use std::thread::{self, JoinHandle};
    use std::time::{Duration, Instant};

    use rustix::param::page_size;
    use rustix::time::{ClockId, clock_gettime};

    use super::Care;
    use crate::orphans::Orphans;

    /// The size on x86-64 and 64-bit Arm, with any page size.
    const KERNEL_STACK: u64 = 16 * 1024;

    /// How many bytes programs can still use without swapping.
    pub fn available() -> u64 {
        let lines = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        kilobytes(&lines, "MemAvailable:").map_or(u64::MAX, |kilobytes| 1024 * kilobytes)
    }

    /// The ids of all processes of the machine.
    pub fn processes() -> HashSet<u32> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect()
    }

    /// A thread that repeatedly measures the memory of a program and its descendants.
    ///
    /// Reading the PSS is expensive (20 ms for 10,000 threads). Reading the resident sizes,
    /// which the kernel keeps anyway, is cheap. So the sizes are read more often. The PSS is
    /// read when the sizes have grown and stopped growing.
    pub struct Watch {
        root: Sender<u32>,
        thread: JoinHandle<Option<u64>>,
    }

    impl Watch {
        /// Prepares to watch a program that has not been started. Calls `stop` when the
        /// program holds more than `most` bytes.
        pub fn new(
            orphans: Orphans,
            most: u64,
            care: Care,
            stop: impl FnOnce() + Send + 'static,
        ) -> Self {
            let strangers = processes();
            let (root, started) = mpsc::channel();
            let thread = thread::spawn(move || {
                let root = started.recv().ok()?;
                let family = Family {
                    root,
                    orphans,
                    strangers,
                    members: Vec::new(),
                    forks: HashMap::new(),
                };
                watch(family, &started, most, care, stop)
            });
            Watch { root, thread }
        }

        /// Sets the process id of the program.
        pub fn started(&self, root: u32) {
            // Cannot fail: the thread waits for it.
            let _ = self.root.send(root);
        }

        /// The largest measurement in bytes; `None` if there was none.
        pub fn end(self) -> Option<u64> {
            drop(self.root);
            self.thread.join().ok()?
        }
    }

    /// The pause after a measurement, as a multiple of the time that the measurement took.
    struct Pauses {
        after_pages: u32,
        after_sizes: u32,
        /// After reading the sizes while the program grows. It is shorter, to notice the end
        /// of the growth.
        in_growth: u32,
    }

    impl Pauses {
        fn new(care: Care) -> Self {
            match care {
                Care::ForTime => Pauses {
                    after_pages: 200,
                    after_sizes: 100,
                    in_growth: 20,
                },
                Care::ForMemory => Pauses {
                    after_pages: 2,
                    after_sizes: 1,
                    in_growth: 1,
                },
            }
        }
    }

    /// Measures until the other end of `wanted` is dropped.
    fn watch(
        mut family: Family,
        wanted: &Receiver<u32>,
        most: u64,
        care: Care,
        stop: impl FnOnce(),
    ) -> Option<u64> {
        const FIRST_INSTANTS: Duration = Duration::from_millis(50);
        const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
        let pauses = Pauses::new(care);
        let is_more = |size: u64, than: u64| size > than + than / 100;
        let start = Instant::now();
        let mut due = start;
        let mut last_size = 0;
        let mut seen_size = 0;
        let mut peak = None;
        let mut stop = Some(stop);
        loop {
            let before = cpu_time();
            family.find_members();
            let size = family.size();
            let cost = cpu_time() - before;
            let grows = is_more(size, last_size) && size <= most;
            last_size = size;
            if Instant::now() >= due || is_more(size, seen_size) && !grows {
                if let Some(bytes) = family.memory() {
                    peak = peak.max(Some(bytes));
                    if bytes > most
                        && let Some(stop) = stop.take()
                    {
                        stop();
                    }
                }
                seen_size = seen_size.max(size);
                due = Instant::now() + pauses.after_pages * (cpu_time() - before);
            }
            let factor = match grows {
                true => pauses.in_growth,
                false => pauses.after_sizes,
            };
            let mut pause = factor * cost;
            if start.elapsed() < FIRST_INSTANTS {
                due = start;
                pause = SHORTEST_PAUSE;
            }
            match wanted.recv_timeout(pause.max(SHORTEST_PAUSE)) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => return peak,
            }
        }
    }

    /// The CPU time of this thread so far.
    fn cpu_time() -> Duration {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }

    /// A program's first process and all its descendants.
    struct Family {
        root: u32,
        /// Finds descendants that lost their parent.
        orphans: Orphans,
        /// The processes that existed before the program was started.
        strangers: HashSet<u32>,
        members: Vec<Process>,
        /// Members that never executed a program, and when they were first seen.
        forks: HashMap<u32, Instant>,
    }

    impl Family {
        fn find_members(&mut self) {
            let heads: Vec<_> = self.orphans.ids().chain([self.root]).collect();
            let ids = processes().into_iter();
            let ids = ids.filter(|id| heads.contains(id) || !self.strangers.contains(id));
            let mut others: Vec<_> = ids.filter_map(Process::read).collect();
            let mut family: HashSet<_> = heads.into_iter().collect();
            self.members.clear();
            loop {
                let belongs = |other: &mut Process| {
                    family.contains(&other.id) || family.contains(&other.parent)
                };
                let found: Vec<_> = others.extract_if(.., belongs).collect();
                if found.is_empty() {
                    break;
                }
                family.extend(found.iter().map(|process| process.id));
                self.members.extend(found);
            }
            self.forks.retain(|id, _| family.contains(id));
        }

        /// A cheap, rough figure of their memory, in bytes: shared memory counts once for
        /// each process.
        fn size(&self) -> u64 {
            self.members.iter().map(|process| process.size).sum()
        }

        /// Their memory, in bytes; `None` if all of them have ended.
        fn memory(&mut self) -> Option<u64> {
            let Family { members, forks, .. } = self;
            let held = members.iter().filter_map(|process| {
                if process.is_fork && is_starting(process, forks) {
                    None
                } else {
                    process.memory()
                }
            });
            held.reduce(|sum, bytes| sum + bytes)
        }
    }

    /// Whether a process is between `vfork` or `posix_spawn` and its exec. Until the exec it
    /// uses the memory of its parent, which must not count twice. An ordinary fork has memory
    /// of its own.
    ///
    /// No file in `/proc` says whether two processes share their memory. But the thread that
    /// started such a child is in uninterruptible sleep until the child's exec. For an
    /// instant after the start it is not asleep yet; then both processes have the same
    /// figures.
    fn is_starting(process: &Process, forks: &mut HashMap<u32, Instant>) -> bool {
        const INSTANT: Duration = Duration::from_millis(100);
        let seen_first = *forks.entry(process.id).or_insert_with(Instant::now);
        has_suspended_thread(process.parent)
            || seen_first.elapsed() < INSTANT
                && rollup(process.id) == rollup(process.parent)
    }

    fn has_suspended_thread(id: u32) -> bool {
        let threads = fs::read_dir(format!("/proc/{id}/task"));
        let mut states = threads.into_iter().flatten().filter_map(|thread| {
            let stat = fs::read(thread.ok()?.path().join("stat")).ok()?;
            let stat = String::from_utf8_lossy(&stat);
            Some(fields(&stat)?.next()? == "D")
        });
        states.any(|suspended| suspended)
    }

    struct Process {
        id: u32,
        parent: u32,
        /// Whether it has been forked but has not executed a program.
        is_fork: bool,
        /// Resident pages and kernel stacks, in bytes.
        size: u64,
    }

    impl Process {
        /// `None` if there is no such process, or if it is a zombie.
        fn read(id: u32) -> Option<Self> {
            const FORKED_BUT_NOT_EXECUTED: u64 = 0x40;
            let stat = read(&format!("/proc/{id}/stat"))?;
            // Counted from the state: the parent is field 1, the flags are field 6, ...
            let fields: Vec<_> = fields(&stat)?
                .map(|field| field.parse().unwrap_or(0))
                .collect();
            let [flags, threads, pages] = [6, 17, 21].map(|i| fields.get(i).copied());
            let pages = pages.filter(|pages| *pages > 0);
            Some(Process {
                id,
                parent: *fields.get(1)? as u32,
                is_fork: flags? & FORKED_BUT_NOT_EXECUTED != 0,
                size: pages? * page_size() as u64 + threads? * KERNEL_STACK,
            })
        }

        /// In bytes; `None` if it has ended.
        fn memory(&self) -> Option<u64> {
            let pss = kilobytes(&rollup(self.id)?, "Pss:")?;
            let status = read(&format!("/proc/{}/status", self.id))?;
            let page_tables = kilobytes(&status, "VmPTE:")?;
            let threads: u64 = value(&status, "Threads:")?.parse().ok()?;
            Some(1024 * (pss + page_tables) + threads * KERNEL_STACK)
        }
    }

    /// The fields of a `stat` file from the state on. Its format is
    /// `id (name) state parent group ...`, and the name may contain anything.
    fn fields(stat: &str) -> Option<impl Iterator<Item = &str>> {
        Some(stat.rsplit_once(") ")?.1.split(' '))
    }

    fn rollup(id: u32) -> Option<String> {
        read(&format!("/proc/{id}/smaps_rollup"))
    }

    /// Reads a file of `/proc` with one read, because the files are short and many. The text
    /// may not be UTF-8: the name of a process is cut after 15 bytes, also within a
    /// character.
    fn read(path: &str) -> Option<String> {
        let mut bytes = [0; 1 << 14];
        let length = fs::File::open(path).ok()?.read(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes[..length]).into_owned())
    }

    /// The value of a key in a file of lines such as `Pss: 123 kB`.
    fn value<'a>(lines: &'a str, key: &str) -> Option<&'a str> {
        let value = lines.lines().find_map(|line| line.strip_prefix(key))?;
        Some(value.trim())
    }

    fn kilobytes(lines: &str, key: &str) -> Option<u64> {
        value(lines, key)?.strip_suffix(" kB")?.parse().ok()
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
