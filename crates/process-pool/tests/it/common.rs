//! The functions that the workers of these tests may run, and helpers for all tests.

use std::process::{Command, Stdio, abort, exit};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use process_pool::{Builder, Death, ProcessPool, Transport, WorkerEntry, worker_entry};
#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// The worker entry. When it runs as an ordinary test, it does nothing.
#[test]
fn worker() {
    entry().enter();
}

/// The name under which `worker` is started.
const WORKER: &str = "common::worker";

pub fn entry() -> WorkerEntry {
    let entry = worker_entry()
        .function(square)
        .function(pid)
        .function(nap)
        .function(echo)
        .function(panic_with)
        .function(panic_with_a_number)
        .function(quit)
        .function(even)
        .function(take)
        .function(make)
        .function(appointment)
        .function(starts)
        .function(nest)
        .function(leave_a_mark)
        .function(pass)
        .function(act_of_panic_in_drop)
        .function(die_soon)
        .initializer(count_a_start)
        .initializer(refuse)
        .initializer(perform)
        .initializer(panic_at_start);
    #[cfg(target_os = "linux")]
    let entry = entry
        .function(descriptors)
        .function(babble)
        .function(surroundings);
    [
        crate::decoding::functions,
        crate::naming::functions,
        crate::panics::functions,
        #[cfg(target_os = "linux")]
        crate::channels::functions,
        #[cfg(target_os = "linux")]
        crate::parents::functions,
        #[cfg(target_os = "linux")]
        crate::system::functions,
    ]
    .into_iter()
    .fold(entry, |entry, more| more(entry))
}

/// The settings of a pool whose workers are this program, over the transport under test.
pub fn builder() -> Builder {
    let transport = match std::env::var("POOL_TEST_TRANSPORT").as_deref() {
        Ok("tcp") => Transport::Tcp,
        _ => Transport::default(),
    };
    ProcessPool::builder()
        .transport(transport)
        .worker_command(worker_program)
}

/// Lets SIGINT and SIGHUP end the programs that this one starts, as in a terminal. A
/// program inherits ignored signals: under `nohup` and in the background of a script
/// these two are ignored. A signal that the parent handles gets its default action in the
/// child again.
#[cfg(target_os = "linux")]
pub fn let_children_be_signalled() {
    use signal_hook::consts::{SIGHUP, SIGINT};

    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = u64::from_str_radix(ignored.unwrap().trim(), 16).unwrap();
        for signal in [SIGHUP, SIGINT] {
            if ignored & (1 << (signal - 1)) != 0 {
                signal_hook::flag::register(signal, Arc::default()).unwrap();
            }
        }
    });
}

/// This program, even if it has been built again since it started.
pub fn this_program() -> Command {
    #[cfg(target_os = "linux")]
    let_children_be_signalled();
    if cfg!(target_os = "linux") {
        Command::new("/proc/self/exe")
    } else {
        Command::new(std::env::current_exe().unwrap())
    }
}

/// This program as a worker.
pub fn worker_program() -> Command {
    let mut command = this_program();
    // Hides what the test harness prints first.
    command
        .args(["--exact", "--nocapture", "-q", WORKER])
        .stdout(Stdio::null());
    command
}

pub fn pool(workers: usize) -> ProcessPool {
    builder().max_workers(workers).build().unwrap()
}

/// Runs a test, several times if `POOL_STRESS` says so, every other time with all CPUs
/// busy. A hang is a failure.
pub fn race(test: impl Fn() + Send + Sync + 'static) {
    let times = std::env::var("POOL_STRESS").map_or(1, |times| times.parse().unwrap());
    deadline(move || {
        for round in 0..times {
            let busy = AtomicBool::new(round % 2 == 1);
            thread::scope(|scope| {
                for _ in 0..thread::available_parallelism().unwrap().get() {
                    scope.spawn(|| {
                        while busy.load(Ordering::Relaxed) {
                            std::hint::spin_loop();
                        }
                    });
                }
                let test = std::panic::AssertUnwindSafe(&test);
                #[allow(clippy::redundant_closure, reason = "it captures the wrapper")]
                let result = std::panic::catch_unwind(|| test());
                busy.store(false, Ordering::Relaxed);
                result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            });
        }
    });
}

/// Runs a test. If it has not ended after two minutes, ends the whole process.
pub fn deadline(test: impl FnOnce() + Send + 'static) {
    let (done, wait) = channel::<()>();
    let name = thread::current().name().unwrap_or("a test").to_owned();
    let limit = if std::env::var("POOL_STRESS").is_ok() {
        1200
    } else {
        120
    };
    thread::spawn(move || {
        if wait.recv_timeout(Duration::from_secs(limit)) == Err(RecvTimeoutError::Timeout)
        {
            eprintln!("{name} hangs");
            abort();
        }
    });
    test();
    drop(done);
}

/// Runs a test, and fails it if it has not ended after half a minute. The other tests go
/// on: a test has its own pools, so a hanging one does not block them.
#[track_caller]
pub fn promptly(test: impl FnOnce() + Send + 'static) {
    let (done, wait) = channel();
    let thread = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    // With all CPUs busy everything takes longer.
    let stress = std::env::var("POOL_STRESS").is_ok();
    let limit = Duration::from_secs(if stress { 300 } else { 30 });
    if wait.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
        panic!("it hangs");
    }
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// Waits until a condition holds, and fails if it does not.
#[track_caller]
pub fn eventually(what: &str, mut check: impl FnMut() -> bool) {
    let start = Instant::now();
    while !check() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "this never came: {what}"
        );
        thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(unix)]
pub fn kill(pid: u32, signal: Signal) {
    let _ = kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), signal);
}

/// Stops a process, and returns when all of its threads have stopped.
#[cfg(target_os = "linux")]
pub fn stop(pid: u32) {
    kill(pid, Signal::STOP);
    eventually("its standstill", || {
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
        threads.into_iter().all(|thread| {
            let stat = std::fs::read_to_string(thread.unwrap().path().join("stat"));
            let stat = stat.unwrap_or_default();
            stat.rsplit_once(") ")
                .is_some_and(|(_, rest)| rest.starts_with('T'))
        })
    });
}

/// The death of a worker that the pool kills.
pub const KILLED: Death = if cfg!(unix) {
    Death::Signal(9)
} else {
    Death::Exit(1)
};

/// Ends this process without exit handlers.
fn end_at_once() -> ! {
    #[cfg(unix)]
    kill(std::process::id(), Signal::KILL);
    abort()
}

/// Whether the process runs. A zombie does not.
#[cfg(target_os = "linux")]
pub fn is_running(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The state follows the name. The name is in brackets and may contain anything.
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Whether the process exists, also as a zombie. Always false off Linux.
pub fn exists(pid: u32) -> bool {
    cfg!(target_os = "linux") && std::path::Path::new(&format!("/proc/{pid}")).exists()
}

/// Process ids, collected by a pool's hook.
#[derive(Default)]
pub struct Started(Mutex<Vec<u32>>);

impl Started {
    pub fn hook(self: &Arc<Self>) -> impl Fn(u32) + Send + Sync + use<> {
        let this = Arc::clone(self);
        move |pid| this.0.lock().unwrap().push(pid)
    }

    pub fn pids(&self) -> Vec<u32> {
        self.0.lock().unwrap().clone()
    }
}

/// A pool, and the ids of its workers so far.
pub fn watched(settings: impl FnOnce(Builder) -> Builder) -> (ProcessPool, Arc<Started>) {
    let started = Arc::<Started>::default();
    let pool = settings(builder().on_worker_start(started.hook()))
        .build()
        .unwrap();
    (pool, started)
}

pub fn square(n: u64) -> u64 {
    n * n
}

pub fn pid(_: ()) -> u32 {
    std::process::id()
}

pub fn nap(ms: u64) -> u64 {
    thread::sleep(Duration::from_millis(ms));
    ms
}

pub fn echo(text: String) -> String {
    text
}

pub fn panic_with(text: String) -> u32 {
    panic!("{text}")
}

pub fn panic_with_a_number(n: u32) -> u32 {
    std::panic::panic_any(n)
}

pub fn quit(code: i32) -> u32 {
    exit(code)
}

/// Returns an ordinary error with a type of its own.
pub fn even(n: u64) -> Result<u64, Odd> {
    if n.is_multiple_of(2) {
        Ok(n)
    } else {
        Err(Odd { n })
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Odd {
    pub n: u64,
}

/// What a value does while it is turned into bytes or back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Act {
    Nothing,
    Refuse,
    Panic,
    Abort,
    Exit,
    KillSelf,
}

impl Act {
    fn act(self) -> Result<(), &'static str> {
        match self {
            Act::Nothing => Ok(()),
            Act::Refuse => Err("refused"),
            Act::Panic => panic!("while it was serialised"),
            Act::Abort => abort(),
            Act::Exit => exit(0),
            Act::KillSelf => end_at_once(),
        }
    }
}

/// A value that does one thing when it is encoded and another when it is decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Trap {
    pub encode: Act,
    pub decode: Act,
}

impl Serialize for Trap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.encode.act().map_err(ser::Error::custom)?;
        (self.encode, self.decode).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Trap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Trap, D::Error> {
        let (encode, decode) = <(Act, Act)>::deserialize(deserializer)?;
        decode.act().map_err(de::Error::custom)?;
        Ok(Trap { encode, decode })
    }
}

pub fn take(_: Trap) -> u32 {
    1
}

pub fn make((encode, decode): (Act, Act)) -> Trap {
    Trap { encode, decode }
}

/// What this process has open.
#[cfg(target_os = "linux")]
pub fn descriptors(_: ()) -> Vec<String> {
    let all = std::fs::read_dir("/proc/self/fd").unwrap();
    all.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
        .map(|target| target.display().to_string())
        .collect()
}

/// Returns when `of` tasks have arrived. So it returns only if they run at the same time.
pub fn appointment((place, of): (String, usize)) -> usize {
    let here = std::path::Path::new(&place);
    std::fs::write(here.join(std::process::id().to_string()), "").unwrap();
    let start = Instant::now();
    loop {
        let present = std::fs::read_dir(here).unwrap().count();
        if present >= of || start.elapsed() > Duration::from_secs(20) {
            return present;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

static STARTS: AtomicU64 = AtomicU64::new(0);

pub fn count_a_start(n: u64) {
    STARTS.fetch_add(n, Ordering::Relaxed);
}

/// The worker's process id, and how often its initializer ran, times its argument.
pub fn starts(_: ()) -> (u32, u64) {
    (std::process::id(), STARTS.load(Ordering::Relaxed))
}

pub fn refuse(text: String) -> Result<(), String> {
    Err(text)
}

pub fn perform(act: Act) -> Result<(), &'static str> {
    act.act()
}

pub fn panic_at_start(text: String) {
    panic!("{text}")
}

/// Builds a pool in a pool, down to this depth. Returns the number of the deepest pool,
/// or the error of the pool that could not be built.
pub fn nest(depth: u32) -> Result<u32, String> {
    if depth == 0 {
        return Ok(0);
    }
    let pool = builder()
        .max_workers(1)
        .build()
        .map_err(|error| error.to_string())?;
    let inner = pool.submit(nest, depth - 1);
    Ok(1 + inner.join().map_err(|error| error.to_string())??)
}

/// Creates a file after `ms` milliseconds.
pub fn leave_a_mark((path, ms): (String, u64)) {
    thread::sleep(Duration::from_millis(ms));
    std::fs::write(path, "").unwrap();
}

/// A gate that tasks wait at until it is opened.
pub struct Gate(Folder);

impl Gate {
    pub fn new() -> Gate {
        Gate(Folder::new())
    }

    /// The argument of `pass`.
    pub fn ticket(&self) -> String {
        self.0.join("")
    }

    pub fn open(&self) {
        std::fs::write(self.0.join("open"), "").unwrap();
    }

    /// How many tasks have arrived so far.
    pub fn arrivals(&self) -> usize {
        let all = std::fs::read_dir(&self.0.0).unwrap();
        all.filter(|entry| entry.as_ref().unwrap().file_name() != "open")
            .count()
    }
}

/// Arrives at a gate, and returns when it is open.
pub fn pass(ticket: String) -> u32 {
    let here = std::path::Path::new(&ticket);
    let time = Instant::now();
    std::fs::write(here.join(format!("{}-{time:?}", std::process::id())), "").unwrap();
    // If the gate has been dropped, do not wait.
    while here.exists() && !here.join("open").exists() {
        thread::sleep(Duration::from_millis(1));
    }
    100
}

/// A payload whose destructor panics as well.
pub fn act_of_panic_in_drop(_: ()) -> u32 {
    struct Twice;
    impl Drop for Twice {
        fn drop(&mut self) {
            panic!("again");
        }
    }
    std::panic::panic_any(Twice)
}

/// Succeeds, but the process ends on its own some time later.
pub fn die_soon(ms: u64) -> u32 {
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(ms));
        end_at_once()
    });
    std::process::id()
}

/// Writes bytes into every socket of this worker. One of them is its channel.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "descriptors that are known by number only")]
pub fn babble(bytes: Vec<u8>) -> u32 {
    for entry in std::fs::read_dir("/proc/self/fd").unwrap() {
        let path = entry.unwrap().path();
        let target = std::fs::read_link(&path).unwrap_or_default();
        if target.to_string_lossy().starts_with("socket:") {
            let fd = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
            let fd = unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) };
            let _ = rustix::io::write(fd, &bytes);
        }
    }
    std::process::id()
}

/// An environment variable of this worker, its working directory, and whether it leads a
/// process group.
#[cfg(target_os = "linux")]
pub fn surroundings(_: ()) -> (String, String, bool) {
    let variable = std::env::var("POOL_TEST_VARIABLE").unwrap_or_default();
    let folder = std::env::current_dir().unwrap().display().to_string();
    let group = rustix::process::getpgrp();
    (variable, folder, group == rustix::process::getpid())
}

/// A temporary folder, removed on drop.
pub struct Folder(pub std::path::PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("process-pool-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn join(&self, name: impl ToString) -> String {
        self.0.join(name.to_string()).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
