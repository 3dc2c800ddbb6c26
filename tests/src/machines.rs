//! What the tests of the machines have in common: workers, and jobs that say what they do.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver};
use std::{env, fs, process, thread};

use crate::nats::NatsServer;
use crate::{DEADLINE, Program, Running, eventually, read};

/// A worker at a server.
pub struct Worker {
    /// Its host, which starts a process for each job that it does at a time.
    pub host: Running,
    /// What it has printed since it began.
    stderr: Receiver<String>,
}

impl Worker {
    /// Starts a program as a worker. When this returns it has said that it is one.
    pub fn start(program: Program, server: &NatsServer, max_workers: usize) -> Worker {
        let program = program.args(["--worker", "--server", &server.url()]);
        let program = program.arg(format!("--max-workers={max_workers}"));
        let mut host = program.start();
        let pipe = host.child.stderr.take().expect("it is a pipe");
        let mut pipe = BufReader::new(pipe);
        let (sender, stderr) = mpsc::channel();
        thread::spawn(move || {
            let [mut line, mut rest] = [String::new(), String::new()];
            let _ = pipe.read_line(&mut line);
            let _ = sender.send(line);
            let _ = pipe.read_to_string(&mut rest);
            sender.send(rest)
        });
        let line = stderr.recv_timeout(DEADLINE);
        let line = line.expect("a worker says that it is one");
        let note = format!("note: {max_workers} at a time, this does the jobs of ");
        assert!(line.starts_with(&note), "{line}");
        assert!(!line.contains("secret"), "{line}");
        Worker { host, stderr }
    }

    /// Asks it to end, and returns what it has printed on stdout, and on stderr since it began.
    pub fn end(mut self) -> (String, String) {
        self.host.signal("TERM");
        let status = self.host.wait("a worker that was told to end");
        assert_eq!(status.code(), Some(0));
        let stdout = read(self.host.child.stdout.take());
        let [stdout, stderr] = [stdout, self.stderr].map(|text| {
            let text = text.recv_timeout(DEADLINE);
            text.expect("the output of a worker ends with it")
        });
        (stdout, stderr)
    }
}

/// A file in which the jobs of `queue-probe` say that they begin and end.
pub struct Diary(PathBuf);

impl Diary {
    /// An empty one.
    pub fn new() -> Diary {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("diary-{}-{}", process::id(), COUNT.fetch_add(1, Relaxed));
        Diary(env::temp_dir().join(name))
    }

    /// A job that sleeps so many milliseconds.
    pub fn sleep(&self, time: u64) -> String {
        format!("sleep:{time}:{}", self.0.display())
    }

    /// How many jobs have said `begin` or `end`.
    pub fn count(&self, what: &str) -> usize {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().filter(|line| line.starts_with(what)).count()
    }

    /// Waits until so many have.
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
