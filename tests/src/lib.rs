//! How the tests run the programs of this workspace: the real binaries, each with a deadline.

pub mod cargo;
pub mod fixtures;
pub mod header;
mod left_out;
#[cfg(unix)]
pub mod machines;
pub mod nats;
pub mod phrasebook;
pub mod postgres;
pub mod python;
pub mod signals;
pub mod trace;

#[cfg(unix)]
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{LazyLock, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

pub use left_out::left_out;
pub use page_list::{FETCH_URL, HEAVY_CALCULATION, SAY_AFTER, THUMBNAILS};

/// No program that a test runs may take longer. If one does, it hangs.
const DEADLINE: Duration = Duration::from_secs(60);

/// Every page of the workspace.
pub fn pages() -> impl Iterator<Item = &'static str> {
    FETCH_URL
        .into_iter()
        .chain(HEAVY_CALCULATION)
        .chain(SAY_AFTER)
        .chain(THUMBNAILS)
}

/// The pages among these that can be run here. The machines pages need a nats-server. Without
/// one this prints that they are left out; with `REQUIRE_NATS` it panics.
pub fn runnable(
    pages: impl IntoIterator<Item = &'static str>,
) -> impl Iterator<Item = &'static str> {
    static IS_MISSING: LazyLock<bool> = LazyLock::new(nats::is_missing);
    let pages = pages.into_iter();
    pages.filter(|page| !page.starts_with("machines") || !*IS_MISSING)
}

/// Whether a page fetches what its arguments name.
pub fn fetches(page: &str) -> bool {
    FETCH_URL.contains(&page) || THUMBNAILS.contains(&page)
}

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this crate is a member")
}

/// The source file of a page.
pub fn source(page: &str) -> PathBuf {
    let model = page
        .split('-')
        .next()
        .expect("split yields at least one part");
    let package = if THUMBNAILS.contains(&page) {
        format!("examples-{model}/thumbnails")
    } else {
        format!("examples-{model}")
    };
    root().join(format!("{package}/src/bin/{page}.rs"))
}

/// A program of the workspace, as fresh as the sources.
///
/// `cargo test -p tests` does not build the binaries of other packages, and cargo does not say
/// where they are. So this lets cargo build them, once for each run of the tests.
pub fn program(name: &str) -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(|| {
        let test = std::env::current_exe().expect("a test knows where it is");
        // target/debug/deps/test → target/debug
        let directory = test
            .parent()
            .and_then(Path::parent)
            .expect("in target/debug/deps");
        // nextest runs each test in a process of its own. One of them builds for all.
        let stamp = std::env::var("NEXTEST_RUN_ID")
            .ok()
            .map(|run| format!("built-{run}"));
        let lock =
            File::create(directory.join("tests.lock")).expect("target can be written");
        lock.lock().expect("target can be locked");
        let stamp = stamp.map(|name| directory.join(name));
        if !stamp.as_ref().is_some_and(|stamp| stamp.exists()) {
            build();
            if let Some(stamp) = stamp {
                fs::write(stamp, "").expect("target can be written");
            }
        }
        directory.to_owned()
    });
    directory
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION)
}

fn build() {
    // xtask is built separately, as the alias `cargo xtask` builds it. Otherwise `cargo xtask`
    // in one test would replace the program that another test is about to start.
    cargo_build(&["--workspace", "--exclude", "xtask", "--examples"]);
    cargo_build(&["--package", "xtask"]);
}

fn cargo_build(packages: &[&str]) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--bins"])
        .args(packages)
        .current_dir(root());
    forget_cargo(&mut cargo);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let status = cargo.status().expect("cargo starts");
    assert!(status.success(), "cargo build: {status}");
}

/// Removes the variables by which `cargo test` describes the tested package. Some build scripts
/// depend on them. With other values, a cargo that is started here would build half of all
/// dependencies again.
fn forget_cargo(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") {
            command.env_remove(name);
        }
    }
    command.env_remove("CARGO_MANIFEST_DIR");
}

/// A program that has not been started yet.
pub struct Program {
    command: Command,
    stdin: String,
}

/// How a program ended and what it printed.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed on stdout.
    pub stdout: String,
    /// What it printed on stderr.
    pub stderr: String,
}

impl Program {
    /// A program of this workspace.
    pub fn new(name: &str) -> Self {
        Self::from(Command::new(program(name)))
    }

    /// A program of this workspace that may have at most `most` files open.
    #[cfg(unix)]
    pub fn with_open_files(name: &str, most: u32) -> Self {
        Self::limited(name, &format!("ulimit -n {most}"))
    }

    /// A program of this workspace that may have at most `most` bytes of address space.
    #[cfg(unix)]
    pub fn with_memory(name: &str, most: u64) -> Self {
        Self::limited(name, &format!("ulimit -v {}", most / 1024))
    }

    #[cfg(unix)]
    fn limited(name: &str, limit: &str) -> Self {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("{limit} && exec \"$0\" \"$@\"")])
            .arg(program(name));
        Self::from(shell)
    }

    /// Adds arguments.
    pub fn args<S: AsRef<std::ffi::OsStr>>(
        mut self,
        args: impl IntoIterator<Item = S>,
    ) -> Self {
        self.command.args(args);
        self
    }

    /// Adds an argument.
    pub fn arg(self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.args([arg])
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets what it reads from stdin. Without this call it reads nothing.
    pub fn stdin(mut self, text: &str) -> Self {
        text.clone_into(&mut self.stdin);
        self
    }

    /// Starts it and leaves it running. Its stdout and stderr are pipes.
    pub fn start(mut self) -> Running {
        signals::let_children_be_signalled();
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{:?}: {error}", self.command));
        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        // A program that does not read its stdin closes it.
        let _ = stdin.write_all(self.stdin.as_bytes());
        Running { child }
    }

    /// Runs it to its end.
    pub fn run(self) -> Finished {
        let what = format!("{:?}", self.command);
        self.start().finish(&what)
    }

    /// Runs it to its end, or interrupts it after `time`. On systems without signals it is
    /// killed.
    pub fn run_for(self, time: Duration) -> Finished {
        let what = format!("{:?}", self.command);
        self.start().finish_with(&what, |running| {
            if running.wait_for(time).is_none() {
                #[cfg(unix)]
                running.signal("INT");
                #[cfg(not(unix))]
                let _ = running.child.kill();
            }
        })
    }

    /// Runs it to its end, which must have this exit code.
    pub fn expect(self, code: i32) -> Finished {
        let what = format!("{:?}", self.command);
        let finished = self.run();
        assert_eq!(finished.status.code(), Some(code), "{what}: {finished:#?}");
        finished
    }
}

impl From<Command> for Program {
    fn from(mut command: Command) -> Self {
        forget_cargo(&mut command);
        // Tests compare the output, which must have no backtrace.
        command.env("RUST_BACKTRACE", "0");
        // A proxy that this machine needs for the internet must not change the tests.
        for name in [
            "SSL_CERT_FILE",
            "http_proxy",
            "https_proxy",
            "all_proxy",
            "no_proxy",
        ] {
            command.env_remove(name).env_remove(name.to_uppercase());
        }
        Self {
            command,
            stdin: String::new(),
        }
    }
}

/// A program that was started. It is killed when this is dropped.
pub struct Running {
    /// Its process.
    pub child: Child,
}

impl Running {
    /// Sends it a signal: `INT`, `TERM` or `KILL`.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        // Its id belongs to no other process until it has been waited for.
        assert!(send_signal(name, self.child.id()));
    }

    /// Sends a signal to the process group that the program leads, as a Ctrl-C at the terminal
    /// does.
    #[cfg(unix)]
    pub fn signal_group(&self, name: &str) {
        assert!(send_signal(name, format!("-{}", self.child.id())));
    }

    /// Waits for its end, and returns what it has printed.
    pub fn finish(self, what: &str) -> Finished {
        self.finish_with(what, |_| {})
    }

    fn finish_with(
        mut self,
        what: &str,
        interfere: impl FnOnce(&mut Running),
    ) -> Finished {
        let stdout = read(self.child.stdout.take());
        let stderr = read(self.child.stderr.take());
        interfere(&mut self);
        let status = self.wait(what);
        let [stdout, stderr] = [stdout, stderr].map(|text| {
            let text = text.recv_timeout(DEADLINE);
            text.unwrap_or_else(|_| panic!("{what} has ended, but its output has not"))
        });
        Finished {
            status,
            stdout,
            stderr,
        }
    }

    /// Waits for its end.
    pub fn wait(&mut self, what: &str) -> ExitStatus {
        let status = self.wait_for(DEADLINE);
        status.unwrap_or_else(|| panic!("{what} hangs"))
    }

    /// Waits for its end, but no longer than `time`.
    pub fn wait_for(&mut self, time: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        loop {
            let status = self.child.try_wait().expect("the child can be waited for");
            if status.is_some() || start.elapsed() > time {
                return status;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process, or to a process group. False if there is none.
#[cfg(unix)]
pub fn send_signal(name: &str, target: impl Display) -> bool {
    let kill = format!("kill -{name} {target}");
    let status = Command::new("sh").args(["-c", &kill]).status();
    status.is_ok_and(|status| status.success())
}

/// Waits until something holds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < DEADLINE, "never: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The processes that a process has started, as folders of `/proc`. None if it is gone.
#[cfg(target_os = "linux")]
pub fn children(pid: u32) -> Vec<PathBuf> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    let lists = tasks
        .into_iter()
        .flatten()
        .flatten()
        .map(|task| fs::read_to_string(task.path().join("children")));
    let lists: String = lists.flatten().collect();
    lists
        .split_whitespace()
        .map(|pid| PathBuf::from("/proc").join(pid))
        .collect()
}

/// Waits until processes are gone. Panics if that takes long.
#[cfg(target_os = "linux")]
pub fn assert_gone(processes: &[PathBuf], whose: &str) {
    let start = Instant::now();
    while processes.iter().any(|process| process.exists()) {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{whose} left a process behind"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

/// Reads a pipe to its end in a thread. The end may never come: a process that is left running
/// keeps the pipe open.
fn read(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let mut pipe = pipe.expect("it is a pipe");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = pipe.read_to_end(&mut text);
        sender.send(String::from_utf8_lossy(&text).into_owned())
    });
    receiver
}

/// Calls `test` for every page that can be run here, with the page as a program. Then calls it
/// for the twins of these pages in Python.
pub fn for_each_page_and_twin(
    pages: impl IntoIterator<Item = &'static str> + Clone,
    test: impl Fn(&'static str, Program) + Sync,
) {
    for_each_page(pages.clone(), |page| test(page, Program::new(page)));
    for (page, twin) in python::twins_of(runnable(pages)) {
        test(page, twin());
    }
}

/// Calls `test` for every page that can be run here, for all at the same time. Fails if one
/// call panics.
pub fn for_each_page(
    pages: impl IntoIterator<Item = &'static str>,
    test: impl Fn(&'static str) + Sync,
) {
    let test = &test;
    thread::scope(|scope| {
        let threads: Vec<_> = runnable(pages)
            .map(|page| (page, scope.spawn(move || test(page))))
            .collect();
        let failed: Vec<_> = threads
            .into_iter()
            .filter_map(|(page, thread)| thread.join().err().map(|_| page))
            .collect();
        assert!(failed.is_empty(), "failed for {failed:?}, see above");
    });
}
