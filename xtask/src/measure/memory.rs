//! The memory of a process and all its descendants together.
//!
//! On Linux this is the sum of their proportional set sizes (PSS), in which memory that
//! several of them share, such as the program's own code, counts once in all; and beside it
//! what the kernel holds for them alone: page tables, and a stack for each thread. The
//! kernel's figure for a program that has ended (`ru_maxrss`) would be that of its largest
//! process, and so flatter pools of processes. Elsewhere there is no other.

#[cfg(not(target_os = "linux"))]
use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(target_os = "linux")]
pub use linux::{Watch, available, cpu_time_of, processes};

/// The most that was held at one time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    pub bytes: u64,
    /// How often was looked; 0 if this is what the system itself noted.
    pub samples: u32,
}

impl Peak {
    /// Bytes that the system has noted, if it has.
    pub fn noted(bytes: u64) -> Option<Self> {
        (bytes > 0).then_some(Peak { bytes, samples: 0 })
    }
}

/// Whether [`Watch`] sees anything on this system.
pub const IS_WATCHED: bool = cfg!(target_os = "linux");

/// What a watch must not miss, or must not disturb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// The run is timed as well: looks take little of it.
    ForTime,
    /// It is there for this alone: looks may take a third of it, so that a program of a
    /// hundred processes and a quarter of a second is seen more than once or twice.
    ForMemory,
}

/// What the figures are, for those who read them.
pub const MEANING: &str = if IS_WATCHED {
    "the most that the program and all its descendants held at one time: the sum of their \
     PSS, their page tables, and 16 KiB of kernel stack for each thread; what else the kernel \
     holds for them, such as the buffers of sockets and pipes, is not counted"
} else {
    "the most that the largest of the program's processes held"
};

/// Sees nothing.
#[cfg(not(target_os = "linux"))]
pub struct Watch;

#[cfg(not(target_os = "linux"))]
impl Watch {
    pub fn new(_most: u64, _care: Care, _stop: impl FnOnce() + Send + 'static) -> Self {
        Watch
    }

    pub fn started(&self, _root: u32) {}

    pub fn end(self) -> Option<Peak> {
        None
    }
}

#[cfg(not(target_os = "linux"))]
pub fn available() -> u64 {
    u64::MAX
}

#[cfg(not(target_os = "linux"))]
pub fn cpu_time_of(_: u32) -> Option<Duration> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::{HashMap, HashSet};
    use std::fs;
    use std::io::Read;
    use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
    use std::thread::{self, JoinHandle};
    use std::time::{Duration, Instant};

    use rustix::param::{clock_ticks_per_second, page_size};
    use rustix::time::{ClockId, clock_gettime};

    use super::{Care, Peak};
    use crate::measure::orphans::Orphans;

    /// On x86-64 and on 64-bit Arm, whatever the size of a page.
    const KERNEL_STACK: u64 = 16 * 1024;

    /// How many bytes programs can still take without swapping.
    pub fn available() -> u64 {
        let lines = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        kilobytes(&lines, "MemAvailable:").map_or(u64::MAX, |kilobytes| 1024 * kilobytes)
    }

    /// See [`crate::measure::process::cpu_time_of`].
    pub fn cpu_time_of(id: u32) -> Option<Duration> {
        let stat = read(&format!("/proc/{id}/stat"))?;
        // The twelfth and the thirteenth: its own time, and the system's for it.
        let ticks = fields(&stat)?.skip(11).take(2).map(str::parse::<u64>);
        let ticks: u64 = ticks.sum::<Result<_, _>>().ok()?;
        Some(Duration::from_secs_f64(
            ticks as f64 / clock_ticks_per_second() as f64,
        ))
    }

    /// The ids of all processes of the machine.
    pub fn processes() -> HashSet<u32> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect()
    }

    /// A thread that looks again and again how much memory a program and all its descendants
    /// hold.
    ///
    /// Where the program is timed as well, looks take little more than a hundredth of the time,
    /// but for those of the first instants, in which a short program has its whole life. A look at all pages is dear (20 ms for
    /// 10,000 threads), one at the sizes that the kernel keeps anyway is cheap. So these are
    /// looked at more often, and when they have grown and then stand still, it is time for a
    /// look at the pages.
    pub struct Watch {
        root: Sender<u32>,
        thread: JoinHandle<Option<Peak>>,
    }

    impl Watch {
        /// Begins to watch a program that is not yet started. When it holds more than `most`
        /// bytes, `stop` is called.
        pub fn new(most: u64, care: Care, stop: impl FnOnce() + Send + 'static) -> Self {
            let (orphans, strangers) = (Orphans::adopt(), processes());
            let (root, told) = mpsc::channel();
            let thread = thread::spawn(move || {
                let root = told.recv().ok()?;
                let family = Family {
                    root,
                    orphans,
                    strangers,
                    members: Vec::new(),
                    forks: HashMap::new(),
                };
                watch(family, &told, most, care, stop)
            });
            Watch { root, thread }
        }

        /// Tells which process the program is.
        pub fn started(&self, root: u32) {
            // The thread waits for it.
            let _ = self.root.send(root);
        }

        /// The most that was seen; `None` if the program never was.
        pub fn end(self) -> Option<Peak> {
            drop(self.root);
            self.thread.join().ok()?
        }
    }

    /// Looks until nobody wants to know any more.
    fn watch(
        mut family: Family,
        wanted: &Receiver<u32>,
        most: u64,
        care: Care,
        stop: impl FnOnce(),
    ) -> Option<Peak> {
        const FIRST_INSTANTS: Duration = Duration::from_millis(50);
        const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
        // Looks take at most one part of the time in so many; the cheap ones take more while
        // there is growth, so as not to miss its end.
        let (dear, cheap, cheap_in_growth) = match care {
            Care::ForTime => (200, 100, 20),
            Care::ForMemory => (2, 1, 1),
        };
        let is_more = |size: u64, than: u64| size > than + than / 100;
        let start = Instant::now();
        let mut due = start;
        let (mut last_size, mut seen_size) = (0, 0);
        let (mut peak, mut stop) = (None::<Peak>, Some(stop));
        loop {
            let before = cpu_time();
            family.find_members();
            let size = family.size();
            let cost = cpu_time() - before;
            let grows = is_more(size, last_size) && size <= most;
            last_size = size;
            if Instant::now() >= due || is_more(size, seen_size) && !grows {
                if let Some(bytes) = family.memory() {
                    peak = Some(peak.map_or(Peak { bytes, samples: 1 }, |peak| Peak {
                        bytes: peak.bytes.max(bytes),
                        samples: peak.samples + 1,
                    }));
                    if bytes > most
                        && let Some(stop) = stop.take()
                    {
                        stop();
                    }
                }
                seen_size = seen_size.max(size);
                due = Instant::now() + dear * (cpu_time() - before);
            }
            let mut pause = cost * if grows { cheap_in_growth } else { cheap };
            if start.elapsed() < FIRST_INSTANTS {
                (due, pause) = (start, SHORTEST_PAUSE);
            }
            match wanted.recv_timeout(pause.max(SHORTEST_PAUSE)) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => return peak,
            }
        }
    }

    /// What this thread has worked so far.
    fn cpu_time() -> Duration {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }

    /// A program's first process and all its descendants.
    struct Family {
        root: u32,
        /// Those of them that lost their parents.
        orphans: Orphans,
        /// Whoever was there before.
        strangers: HashSet<u32>,
        members: Vec<Process>,
        /// Members that never executed a program, and when they were seen first.
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

        /// Roughly what they hold, and cheap to know: memory that is shared counts for each.
        fn size(&self) -> u64 {
            self.members.iter().map(|process| process.size).sum()
        }

        /// What they hold, in bytes; `None` if none of them is there any more.
        fn memory(&mut self) -> Option<u64> {
            let Family { members, forks, .. } = self;
            let held = members.iter().filter_map(|process| {
                let starting = process.is_fork && is_starting(process, forks);
                if starting { None } else { process.memory() }
            });
            held.reduce(|sum, bytes| sum + bytes)
        }
    }

    /// Whether a process that has not executed a program is about to, and has the memory of
    /// its parent until then (`vfork`, `posix_spawn`), which must not count twice. A fork that
    /// goes on as it is has its own.
    ///
    /// No file says which memory is the same. But the thread that started such a child is
    /// suspended, uninterruptibly, until the child has executed. It is not yet for an instant
    /// after the start; then the two look the same in every figure.
    fn is_starting(process: &Process, forks: &mut HashMap<u32, Instant>) -> bool {
        const INSTANT: Duration = Duration::from_millis(100);
        let seen_first = *forks.entry(process.id).or_insert_with(Instant::now);
        has_suspended_thread(process.parent)
            || seen_first.elapsed() < INSTANT
                && rollup(process.id) == rollup(process.parent)
    }

    fn has_suspended_thread(id: u32) -> bool {
        let threads = fs::read_dir(format!("/proc/{id}/task"))
            .into_iter()
            .flatten();
        let mut states = threads.filter_map(|thread| {
            let stat = fs::read_to_string(thread.ok()?.path().join("stat")).ok()?;
            Some(fields(&stat)?.next()? == "D")
        });
        states.any(|suspended| suspended)
    }

    struct Process {
        id: u32,
        parent: u32,
        /// Whether it has not executed a program since it was started.
        is_fork: bool,
        /// Resident pages and kernel stacks, in bytes.
        size: u64,
    }

    impl Process {
        /// `None` if there is no such process, or it has ended and waits to be noticed.
        fn read(id: u32) -> Option<Self> {
            const FORKED_BUT_NOT_EXECUTED: u64 = 0x40;
            let stat = read(&format!("/proc/{id}/stat"))?;
            // Counted from the state: the parent is the first, the flags are the sixth, ...
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

    /// The fields of a `stat` file from the state on: `id (name) state parent group ...`, and
    /// the name may hold anything.
    fn fields(stat: &str) -> Option<impl Iterator<Item = &str>> {
        Some(stat.rsplit_once(") ")?.1.split(' '))
    }

    fn rollup(id: u32) -> Option<String> {
        read(&format!("/proc/{id}/smaps_rollup"))
    }

    /// A file of `/proc`, in one piece: these are short, and many are read.
    fn read(path: &str) -> Option<String> {
        let mut bytes = [0; 1 << 14];
        let length = fs::File::open(path).ok()?.read(&mut bytes).ok()?;
        String::from_utf8(bytes[..length].to_vec()).ok()
    }

    /// What follows a key in a file of lines such as `Pss:    123 kB`.
    fn value<'a>(lines: &'a str, key: &str) -> Option<&'a str> {
        Some(
            lines
                .lines()
                .find_map(|line| line.strip_prefix(key))?
                .trim(),
        )
    }

    fn kilobytes(lines: &str, key: &str) -> Option<u64> {
        value(lines, key)?.strip_suffix(" kB")?.parse().ok()
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use crate::measure::process;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Counts by hand what processes hold, and prints it.
    const COUNT: &str = r#"
import os, subprocess, sys, tempfile, threading, time

def value(lines, key):
    return int(next(line.split()[1] for line in lines if line.startswith(key)))

def count(*pids):
    held = 0
    for pid in pids:
        held += 1024 * value(open(f"/proc/{pid}/smaps_rollup"), "Pss:")
        held += 1024 * value(open(f"/proc/{pid}/status"), "VmPTE:")
        held += 16384 * value(open(f"/proc/{pid}/status"), "Threads:")
    print(held, flush=True)

def hold(megabytes):
    return b"x" * 1000000 * megabytes

def stay(*pids):
    # Long enough to be looked at a few times.
    for _ in range(6):
        count(*pids)
        time.sleep(0.2)
    # Python would touch all objects once more, and unshare what it shares with forks.
    os._exit(0)
"#;

    /// Runs a program in Python that counts what it holds again and again, with and without
    /// addresses that are drawn at random. What was seen may be off by this part of what was
    /// counted. That changes when other programs that share Python's own code come and go.
    fn assert_seen_as_counted(script: &str, tolerance: f64) {
        if Command::new("python3").arg("--version").output().is_err() {
            eprintln!("SKIPPED: no python3 on this machine");
            return;
        }
        let script = format!("{COUNT}\n{script}");
        for words in [&["python3"][..], &["setarch", "-R", "python3"]] {
            let mut command = Command::new(words[0]);
            command.args(&words[1..]).args(["-c", &script]);
            let mut counted: Vec<f64> = Vec::new();
            let run = process::check(&mut command, MINUTE, |line| {
                counted.push(line.parse()?);
                Ok(())
            });
            let seen = run.unwrap().memory.unwrap();
            let least = counted.iter().copied().fold(f64::INFINITY, f64::min);
            let most = counted.iter().copied().fold(0.0, f64::max);
            println!("{seen:?}, counted {least} to {most}");
            let range = least * (1.0 - tolerance)..most * (1.0 + tolerance);
            assert!(
                range.contains(&(seen.bytes as f64)),
                "{seen:?}: {counted:?}"
            );
        }
    }

    #[test]
    fn threads_count_with_their_page_tables_and_kernel_stacks() {
        assert_seen_as_counted(
            r#"
over = threading.Event()
for _ in range(1000): threading.Thread(target=over.wait).start()
stay("self")
"#,
            0.05,
        );
    }

    #[test]
    fn forks_that_execute_nothing_count() {
        assert_seen_as_counted(
            r#"
reader, writer = os.pipe()
workers = []
for _ in range(8):
    worker = os.fork()
    if worker == 0:
        held = hold(10); os.write(writer, b"."); time.sleep(100)
    workers.append(worker)
for _ in workers: os.read(reader, 1)
stay("self", *workers)
"#,
            0.05,
        );
    }

    #[test]
    fn a_hundred_processes_count() {
        assert_seen_as_counted(
            r#"
workers = [subprocess.Popen(["sleep", "100"]) for _ in range(100)]
stay("self", *(worker.pid for worker in workers))
"#,
            0.05,
        );
    }

    /// Whose parent has ended, in a session of their own.
    #[test]
    fn orphans_count() {
        assert_seen_as_counted(
            r#"
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    parent = os.getpid()
    if os.fork() != 0: os._exit(0)
    while os.getppid() == parent: time.sleep(0.01)
    held = hold(30); os.write(writer, str(os.getpid()).encode()); time.sleep(100)
os.wait()
stay("self", int(os.read(reader, 10)))
"#,
            0.05,
        );
    }

    /// The child that `posix_spawn` makes opens a pipe that nobody writes to for a while.
    #[test]
    fn a_child_that_is_being_started_does_not() {
        assert_seen_as_counted(
            r#"
held = hold(30)
pipe = tempfile.mktemp()
os.mkfifo(pipe)
def start():
    open_pipe = [(os.POSIX_SPAWN_OPEN, 0, pipe, os.O_RDONLY, 0)]
    os.posix_spawn("/bin/true", ["true"], {}, file_actions=open_pipe)
    os.wait()
subprocess.Popen(["sh", "-c", f"sleep 1; : > {pipe}"])
start(); os.remove(pipe); count("self")
"#,
            0.2,
        );
    }
}
