//! The questions, and how to get an answer from a process that may hang.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Child;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::Pool;
use crate::tasks::Result;

pub struct Question {
    pub title: &'static str,
    /// The argument of the process.
    pub name: &'static str,
    /// A command that starts the process under some condition.
    pub under: &'static [&'static str],
    /// Ask it once only: it takes long, and its answer is always the same.
    pub once: bool,
    /// How the answer is found.
    look: Look,
    /// After this many seconds it counts as a hang.
    limit: u64,
}

enum Look {
    /// The process prints it at its end: `seconds N` or `words …`.
    Says,
    /// Whether the output of a task is shown.
    Prints,
    /// Kills the program, and returns what happens to its busy worker.
    Killed,
}

#[derive(Clone, Debug)]
pub enum Answer {
    Seconds(f64),
    Words(String),
}

const fn question(title: &'static str, name: &'static str, limit: u64) -> Question {
    Question {
        title,
        name,
        under: &[],
        once: false,
        look: Look::Says,
        limit,
    }
}

#[rustfmt::skip]
pub const QUESTIONS: &[Question] = &[
    question("a worker dies while 12 tasks are there", "death", 30),
    question("the message of a panic or exception, 200 times", "panics", 60),
    question("3 × 50 MB to 2 workers", "three-big", 20),
    Question { under: &["prlimit", "--nofile=1024"], ..question("400 tasks queued with 1,024 descriptors allowed: descriptors that they take", "queued", 20) },
    Question { look: Look::Prints, ..question("`println!` in a task", "print", 20) },
    Question { look: Look::Killed, once: true, ..question("the parent is killed: a worker busy for 5 s", "killed", 30) },
    Question { once: true, ..question("6 tasks, 1 worker, replaced after every 2 tasks", "backlog", 15) },
    question("20,000 tiny tasks, 2 workers", "tiny", 120),
    question("100,000 tiny tasks in chunks of 100", "chunks", 120),
    Question { under: &["taskset", "-c", "0"], ..question("one task at a time, one CPU: each", "round-trip", 60) },
    question("start of 4 workers, until all of them work", "start", 30),
    question("50 MB there and back", "big", 60),
];

impl Question {
    pub fn ask(&self, pool: &Pool) -> Result<Answer> {
        let mut child = self.command(pool).spawn()?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no output")?);
        if let Look::Killed = self.look {
            return self.killed(&mut child, &mut output);
        }
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let mut text = String::new();
            let _ = output.read_to_string(&mut text);
            let _ = sender.send(text);
        });
        let text = receiver.recv_timeout(Duration::from_secs(self.limit));
        kill_with_workers(&mut child);
        let Ok(text) = text else {
            return Ok(Answer::Words("hangs".to_owned()));
        };
        let last = text.lines().last().unwrap_or_default();
        if let Look::Prints = self.look {
            let shown = text.lines().any(|line| line == "out loud");
            let words = if shown { "shown" } else { "not shown" };
            return Ok(Answer::Words(words.to_owned()));
        }
        Ok(match last.split_once(' ') {
            Some(("seconds", seconds)) => Answer::Seconds(seconds.parse()?),
            Some(("words", words)) => Answer::Words(words.to_owned()),
            _ => Answer::Words("fails".to_owned()),
        })
    }

    /// Kills the process while its worker is busy, and waits for the worker's end.
    fn killed(&self, child: &mut Child, output: &mut impl BufRead) -> Result<Answer> {
        let mut line = String::new();
        output.read_line(&mut line)?;
        let worker: u32 = line.trim().parse()?;
        // The task takes five seconds. Kill the process after half a second.
        thread::sleep(Duration::from_millis(500));
        child.kill()?;
        child.wait()?;
        thread::sleep(Duration::from_secs(2));
        let words = if !is_running(worker) {
            "ends immediately"
        } else {
            thread::sleep(Duration::from_secs(6));
            if is_running(worker) {
                let _ = std::process::Command::new("kill")
                    .args(["-9", &worker.to_string()])
                    .status();
                "lives on"
            } else {
                "lives until its task ends"
            }
        };
        Ok(Answer::Words(words.to_owned()))
    }
}

fn is_running(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
    stat.unwrap_or_default()
        .rsplit_once(") ")
        .is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Kills a process and all its descendants.
fn kill_with_workers(child: &mut Child) {
    let mut all = vec![child.id()];
    let mut next = 0;
    while let Some(process) = all.get(next) {
        let tasks = Path::new("/proc").join(process.to_string()).join("task");
        for task in std::fs::read_dir(tasks).into_iter().flatten().flatten() {
            let children = std::fs::read_to_string(task.path().join("children"));
            let children = children.unwrap_or_default();
            all.extend(
                children
                    .split_whitespace()
                    .filter_map(|id| id.parse::<u32>().ok()),
            );
        }
        next += 1;
    }
    if !matches!(child.try_wait(), Ok(Some(_))) {
        for process in all {
            let _ = std::process::Command::new("kill")
                .args(["-9", &process.to_string()])
                .status();
        }
    }
    let _ = child.wait();
}
