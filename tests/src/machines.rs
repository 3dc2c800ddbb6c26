//! What the tests of the machines have in common: workers, and jobs that say what they do.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use crate::nats::NatsServer;
use crate::{DEADLINE, Program, Running, eventually, read};

/// A worker at a server.
pub struct Worker {
    /// Its host. It starts as many processes as it does jobs at a time.
    pub host: Running,
    /// What it prints on stderr.
    pub stderr: Output,
}

impl Worker {
    /// Starts a program as a worker. When this returns, the worker has printed that it is
    /// ready.
    pub fn start(program: Program, server: &NatsServer, max_workers: usize) -> Worker {
        let program = program.arg("--worker").at(server);
        let program = program.arg(format!("--max-workers={max_workers}"));
        let mut host = program.start();
        let stderr = Output::of(host.child.stderr.take());
        stderr.wait_for("\n");
        let said = stderr.text();
        let note = format!(", for {max_workers} jobs at a time, until SIGTERM or Ctrl-C");
        assert!(said.starts_with("note: worker for "), "{said}");
        assert!(said.contains(&note), "{said}");
        assert!(!said.contains("secret"), "{said}");
        Worker { host, stderr }
    }

    /// Tells it to end, and returns all that it has printed on stdout and on stderr.
    pub fn end(mut self) -> (String, String) {
        self.host.signal("TERM");
        let status = self.host.wait("a worker that was told to end");
        assert_eq!(status.code(), Some(0), "{}", self.stderr.text());
        let stdout = read(self.host.child.stdout.take());
        let stdout = stdout.recv_timeout(DEADLINE);
        let stdout = stdout.expect("the output of a worker ends with it");
        let stderr = self.stderr.whole();
        let (_, stderr) = stderr.split_once('\n').expect("it has said what it does");
        (stdout, stderr.to_owned())
    }
}

/// What a program prints, while it runs.
pub struct Output {
    text: Arc<Mutex<String>>,
    end: Receiver<()>,
}

impl Output {
    /// Reads a pipe to its end.
    pub fn of(pipe: Option<impl Read + Send + 'static>) -> Output {
        let mut pipe = BufReader::new(pipe.expect("it is a pipe"));
        let text = Arc::new(Mutex::new(String::new()));
        let (sender, end) = mpsc::channel();
        let ours = text.clone();
        thread::spawn(move || {
            let mut line = Vec::new();
            while pipe
                .read_until(b'\n', &mut line)
                .is_ok_and(|length| length > 0)
            {
                let mut text = ours.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
            let _ = sender.send(());
        });
        Output { text, end }
    }

    /// What it has printed until now.
    pub fn text(&self) -> String {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.clone()
    }

    /// Waits until it has printed this.
    pub fn wait_for(&self, part: &str) {
        let start = Instant::now();
        while !self.text().contains(part) {
            let is_late = start.elapsed() > DEADLINE;
            assert!(!is_late, "not printed: {part:?}, but: {}", self.text());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// All that it has printed, after its end.
    pub fn whole(&self) -> String {
        let end = self.end.recv_timeout(DEADLINE);
        end.expect("the output of a program ends with it");
        self.text()
    }
}

/// A file to which the jobs of `queue-probe` write when they begin and end.
pub struct Diary(PathBuf);

impl Diary {
    /// An empty one.
    pub fn new() -> Diary {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("diary-{}-{}", process::id(), COUNT.fetch_add(1, Relaxed));
        Diary(env::temp_dir().join(name))
    }

    /// A job that sleeps `time` milliseconds.
    pub fn sleep(&self, time: u64) -> String {
        format!("sleep:{time}:{}", self.0.display())
    }

    /// How many jobs have written `what`: `begin` or `end`.
    pub fn count(&self, what: &str) -> usize {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().filter(|line| line.starts_with(what)).count()
    }

    /// Waits until `count` jobs have written that.
    pub fn wait_for(&self, what: &str, count: usize) {
        let have = format!("{count} jobs {what}");
        eventually(&have, || self.count(what) >= count);
    }
}

impl Default for Diary {
    fn default() -> Diary {
        Diary::new()
    }
}

impl Drop for Diary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
