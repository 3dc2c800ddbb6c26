//! Runs tasks on a process pool from the command line. A tool for tests, which cause
//! crashes, kills and load from outside. It is no example of how to use the pool.
//!
//! ```text
//! pool-probe [--workers N] [--chunk N] [--max-tasks-per-child N]
//!            [--initializer ok|fail|abort] [--transport socketpair|tcp] [--no-wait] TASK...
//! ```
//!
//! A TASK is `NAME[:ARG]`, or `N*NAME[:ARG]` for N of them; [`Task`] lists them. All
//! tasks are submitted before the first result is taken. Standard output has a line
//! `worker PID` for each worker that is ready. It has a line `result I VALUE` or
//! `error I KIND TEXT` for each task, in the order of the input. Every line is flushed.
//!
//! The exit code is 0 if every task gave a result, 1 if not, and 2 if the command line is
//! wrong.

use std::fmt;
use std::hint::black_box;
use std::io::{Read, Write};
use std::iter::repeat_n;
use std::num::NonZeroUsize;
use std::process::{Command, ExitCode, abort, exit};
use std::thread::sleep;
use std::time::{Duration, Instant};

use process_pool::{Error, Map, ProcessPool, Transport};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

fn main() -> ExitCode {
    process_pool::worker_entry()
        .function(run)
        .initializer(initialize)
        .enter();
    match Options::parse(std::env::args().skip(1)).and_then(probe) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("pool-probe: {message}");
            ExitCode::from(2)
        }
    }
}

/// Submits all tasks and prints their results. Returns whether every task gave a result.
fn probe(options: Options) -> Result<bool, String> {
    let mut builder =
        ProcessPool::builder().on_worker_start(|pid| say(format!("worker {pid}")));
    if let Some(workers) = options.workers {
        builder = builder.max_workers(workers);
    }
    if let Some(tasks) = options.max_tasks_per_child {
        builder = builder.max_tasks_per_child(tasks);
    }
    if let Some(transport) = options.transport {
        builder = builder.transport(transport);
    }
    if let Some(outcome) = options.initializer {
        builder = builder.initializer(initialize, outcome);
    }
    let pool = builder.build().map_err(|error| error.to_string())?;

    let all = || {
        options
            .tasks
            .iter()
            .flat_map(|(times, task)| repeat_n(task, *times))
    };
    let answers: Map<Result<Answer, String>> =
        pool.map_chunked(run, all().cloned(), options.chunk);
    if options.no_wait {
        pool.close();
    }
    let mut good = true;
    for (index, (answer, task)) in answers.zip(all()).enumerate() {
        match answer
            .map_err(|error| (kind(&error), error.to_string()))
            .and_then(|answer| {
                answer
                    .and_then(|answer| answer.check(task))
                    .map_err(|text| ("failed", text))
            }) {
            Ok(value) => say(format!("result {index} {}", one_line(&value))),
            Err((kind, text)) => {
                good = false;
                say(format!("error {index} {kind} {}", one_line(&text)));
            }
        }
    }
    Ok(good)
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::Panicked { .. } => "panicked",
        Error::Died { .. } | Error::Protocol { .. } => "died",
        Error::Serialize { .. } => "serialize",
        Error::Killed { .. } => "killed",
        Error::TimeLimit { .. } => "timeout",
        Error::Cancelled => "cancelled",
        _ => "broken",
    }
}

/// Prints a line. An error is ignored: the reader may have closed the pipe.
fn say(line: String) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn one_line(text: &str) -> String {
    text.replace('\n', "\\n")
}

/// The command line.
struct Options {
    workers: Option<usize>,
    chunk: NonZeroUsize,
    max_tasks_per_child: Option<usize>,
    initializer: Option<String>,
    transport: Option<Transport>,
    no_wait: bool,
    tasks: Vec<(usize, Task)>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options {
            workers: None,
            chunk: NonZeroUsize::MIN,
            max_tasks_per_child: None,
            initializer: None,
            transport: None,
            no_wait: false,
            tasks: Vec::new(),
        };
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or_else(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                "--workers" => options.workers = Some(number(&value()?)?),
                "--chunk" => options.chunk = number(&value()?)?,
                "--max-tasks-per-child" => {
                    options.max_tasks_per_child = Some(number(&value()?)?);
                }
                "--initializer" => match value()? {
                    mode if ["ok", "fail", "abort"].contains(&mode.as_str()) => {
                        options.initializer = Some(mode);
                    }
                    mode => return Err(format!("no such initializer: {mode}")),
                },
                "--transport" => match value()?.as_str() {
                    "tcp" => options.transport = Some(Transport::Tcp),
                    #[cfg(unix)]
                    "socketpair" => options.transport = Some(Transport::SocketPair),
                    name => return Err(format!("no such transport: {name}")),
                },
                "--no-wait" => options.no_wait = true,
                option if option.starts_with('-') => {
                    return Err(format!("no such option: {option}"));
                }
                task => options.tasks.push(times(task)?),
            }
        }
        if options.tasks.is_empty() {
            return Err("no task is given".to_owned());
        }
        Ok(options)
    }
}

/// `N*TASK` or `TASK`.
fn times(text: &str) -> Result<(usize, Task), String> {
    match text.split_once('*') {
        Some((times, task)) if !times.contains(':') => {
            Ok((number(times)?, Task::parse(task)?))
        }
        _ => Ok((1, Task::parse(text)?)),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("not a suitable number: {text:?}"))
}

/// A task. Its name on the command line is the variant's name in kebab-case.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Task {
    /// `echo:BYTES`: sends this number of bytes to the worker and back, and checks them.
    Echo(Bytes),
    /// `sleep:MS`
    Sleep(u64),
    /// `spin:MS`: keeps a CPU busy.
    Spin(u64),
    /// `pid`: the process id of the worker.
    Pid,
    /// `panic:TEXT`
    Panic(String),
    /// `fail:TEXT`: returns an `Err`.
    Fail(String),
    /// `exit:CODE`
    Exit(i32),
    /// `abort`
    Abort,
    /// `segfault`
    Segfault,
    /// `overflow`: overflows the stack.
    Overflow,
    /// `print:TEXT`: prints a line on standard output.
    Print(String),
    /// `eprint:BYTES`: writes this number of bytes to standard error.
    Eprint(usize),
    /// `read-stdin`: reads standard input to its end. The value is the number of bytes.
    ReadStdin,
    /// `write-fd1:BYTES`: writes this number of bytes to descriptor 1, the last one a
    /// newline.
    WriteFd1(usize),
    /// `close-fds`: closes descriptors 0, 1 and 2.
    CloseFds,
    /// `bad-argument`: an argument that cannot be serialised.
    BadArgument(Unwilling),
    /// `bad-result`: a result that cannot be serialised.
    BadResult,
    /// `bad-result-late`: the same, after some fields that can be serialised.
    BadResultLate,
    /// `nested:WORKERS` or `nested:WORKERS:TASK`: builds a pool in the worker and submits
    /// the task (default `pid`) once for each of its workers. The value has their values.
    Nested(usize, Box<Task>),
    /// `orphan:SECONDS`: starts a child that holds all of the worker's descriptors for
    /// this time, then aborts.
    Orphan(u64),
    /// `self`: runs `pool-probe echo:3` as an ordinary program. The value is its last
    /// line.
    Itself,
}

impl Task {
    fn parse(text: &str) -> Result<Task, String> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        let text = || argument.ok_or_else(|| format!("{name} needs an argument"));
        let task = match name {
            "echo" => Task::Echo(Bytes::sample(number(text()?)?)),
            "sleep" => Task::Sleep(number(text()?)?),
            "spin" => Task::Spin(number(text()?)?),
            "panic" => Task::Panic(text()?.to_owned()),
            "fail" => Task::Fail(text()?.to_owned()),
            "exit" => Task::Exit(number(text()?)?),
            "print" => Task::Print(text()?.to_owned()),
            "eprint" => Task::Eprint(number(text()?)?),
            "write-fd1" => Task::WriteFd1(number(text()?)?),
            "nested" => {
                let (workers, task) = text()?.split_once(':').unwrap_or((text()?, "pid"));
                Task::Nested(number(workers)?, Box::new(Task::parse(task)?))
            }
            "orphan" => Task::Orphan(number(text()?)?),
            _ if argument.is_some() => {
                return Err(format!("no such task, or it takes no argument: {name}"));
            }
            "pid" => Task::Pid,
            "abort" => Task::Abort,
            "segfault" => Task::Segfault,
            "overflow" => Task::Overflow,
            "read-stdin" => Task::ReadStdin,
            "close-fds" => Task::CloseFds,
            "bad-argument" => Task::BadArgument(Unwilling),
            "bad-result" => Task::BadResult,
            "bad-result-late" => Task::BadResultLate,
            "self" => Task::Itself,
            _ => return Err(format!("no such task: {name}")),
        };
        Ok(task)
    }
}

/// The result of a task.
#[derive(Serialize, Deserialize)]
enum Answer {
    Text(String),
    Bytes(Bytes),
    Unwilling(Unwilling),
    UnwillingLate(String, u64, Vec<u8>, Unwilling),
}

impl Answer {
    /// The value to print, in the parent.
    fn check(self, task: &Task) -> Result<String, String> {
        match (self, task) {
            (Answer::Text(text), _) => Ok(text),
            (Answer::Bytes(back), Task::Echo(sent)) if back == *sent => {
                Ok(back.0.len().to_string())
            }
            _ => Err("the answer does not belong to the task".to_owned()),
        }
    }
}

/// Runs one task, in a worker.
fn run(task: Task) -> Result<Answer, String> {
    let done = |value: &dyn fmt::Display| Ok(Answer::Text(value.to_string()));
    let failed = |error: std::io::Error| error.to_string();
    match task {
        Task::Echo(bytes) => Ok(Answer::Bytes(bytes)),
        Task::Sleep(ms) => {
            sleep(Duration::from_millis(ms));
            done(&ms)
        }
        Task::Spin(ms) => {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(ms) {
                std::hint::spin_loop();
            }
            done(&ms)
        }
        Task::Pid => done(&std::process::id()),
        Task::Panic(text) => panic!("{text}"),
        Task::Fail(text) => Err(text),
        Task::Exit(code) => exit(code),
        Task::Abort => abort(),
        Task::Segfault => segfault(),
        Task::Overflow => done(&overflow(1)),
        Task::Print(text) => {
            println!("{text}");
            done(&"printed")
        }
        Task::Eprint(bytes) => {
            std::io::stderr()
                .write_all(&vec![b'e'; bytes])
                .map_err(failed)?;
            done(&bytes)
        }
        Task::ReadStdin => {
            let mut all = Vec::new();
            std::io::stdin().read_to_end(&mut all).map_err(failed)?;
            done(&all.len())
        }
        Task::WriteFd1(bytes) => {
            let mut stdout = std::io::stdout();
            let mut text = vec![b'x'; bytes.saturating_sub(1)];
            text.resize(bytes, b'\n');
            stdout
                .write_all(&text)
                .and_then(|()| stdout.flush())
                .map_err(failed)?;
            done(&bytes)
        }
        Task::CloseFds => {
            close_fds()?;
            done(&"closed")
        }
        Task::BadArgument(_) => done(&"the argument arrived"),
        Task::BadResult => Ok(Answer::Unwilling(Unwilling)),
        Task::BadResultLate => Ok(Answer::UnwillingLate(
            "some".to_owned(),
            1,
            vec![1; 100_000],
            Unwilling,
        )),
        Task::Nested(workers, task) => {
            let pool = ProcessPool::builder()
                .max_workers(workers)
                .build()
                .map_err(|error| error.to_string())?;
            let mut values = Vec::new();
            for answer in pool.map(run, repeat_n((*task).clone(), workers)) {
                values.push(answer.map_err(|error| error.to_string())??.check(&task)?);
            }
            done(&values.join(","))
        }
        Task::Orphan(seconds) => orphan(seconds),
        Task::Itself => {
            let program = std::env::current_exe().map_err(failed)?;
            let output = Command::new(program)
                .arg("echo:3")
                .output()
                .map_err(failed)?;
            let text = String::from_utf8_lossy(&output.stdout);
            done(&text.lines().last().unwrap_or("nothing"))
        }
    }
}

fn initialize(outcome: String) -> Result<(), String> {
    match outcome.as_str() {
        "ok" => Ok(()),
        "abort" => abort(),
        _ => Err("as it was told to".to_owned()),
    }
}

#[allow(unsafe_code, reason = "the point is to touch memory that is not there")]
fn segfault() -> ! {
    unsafe { std::ptr::without_provenance_mut::<u8>(8).write_volatile(1) };
    unreachable!("address 8 is mapped")
}

#[allow(unconditional_recursion)]
fn overflow(depth: u64) -> u64 {
    let frame = black_box([depth; 100]);
    frame[0] + overflow(depth + 1) + frame[99]
}

#[cfg(unix)]
#[allow(
    unsafe_code,
    reason = "nothing in the standard library closes a standard stream"
)]
fn close_fds() -> Result<(), String> {
    use std::os::fd::{FromRawFd, OwnedFd};
    for fd in 0..=2 {
        // A later use of descriptors 0 to 2 fails, or hits a file opened since. The test
        // shows that the pool survives this.
        drop(unsafe { OwnedFd::from_raw_fd(fd) });
    }
    Ok(())
}

/// Makes every descriptor of this process survive an exec.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "descriptors that are known by number only")]
fn orphan(seconds: u64) -> ! {
    use rustix::io::{FdFlags, fcntl_setfd};
    for entry in std::fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .flatten()
    {
        if let Some(fd) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        {
            let fd = unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) };
            let _ = fcntl_setfd(fd, FdFlags::empty());
        }
    }
    let _ = Command::new("sleep").arg(seconds.to_string()).spawn();
    abort()
}

#[cfg(not(unix))]
fn close_fds() -> Result<(), String> {
    Err("close-fds needs Unix".to_owned())
}

#[cfg(not(target_os = "linux"))]
fn orphan(_seconds: u64) -> ! {
    panic!("orphan needs Linux")
}

/// Bytes that serde encodes as bytes, not as a sequence of numbers.
#[derive(Clone, Debug, PartialEq)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn sample(length: usize) -> Bytes {
        Bytes(
            (0..length)
                .map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8)
                .collect(),
        )
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        struct BytesVisitor;

        impl Visitor<'_> for BytesVisitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }

        deserializer.deserialize_bytes(BytesVisitor)
    }
}

/// A value that refuses to be serialised.
#[derive(Clone, Debug)]
struct Unwilling;

impl Serialize for Unwilling {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(ser::Error::custom("this value refuses to be serialised"))
    }
}

impl<'de> Deserialize<'de> for Unwilling {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Unwilling, D::Error> {
        Err(de::Error::custom("this value refuses to be deserialised"))
    }
}
