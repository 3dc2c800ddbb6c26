//! Runs the same measurements on this pool, CPython's, loky and procspawn, and prints the
//! answers as a table in Markdown:
//!
//! ```text
//! cargo run --release --manifest-path crates/process-pool/comparison/Cargo.toml
//! cargo run --release --manifest-path crates/process-pool/comparison/Cargo.toml -- --rounds 3
//! PYTHON=python3.13 cargo run …
//! ```
//!
//! Every question has a process of its own. Without an answer within its limit, it counts
//! as a hang. Each round asks all pools in turn. The table shows a time as its ratio to
//! this pool's time of the same round, from the smallest to the largest of all rounds. loky
//! is installed into a virtual environment beside the program. A pool that is not available
//! is left out with a note.

mod procspawn_pool;
mod questions;
mod tasks;
mod this_pool;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use questions::{Answer, QUESTIONS, Question};

/// A pool, and how to start the process that answers the questions for it.
pub struct Pool {
    title: String,
    command: Vec<String>,
}

fn main() -> ExitCode {
    // The workers of both Rust pools are this program.
    this_pool::enter();
    procspawn::init();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["this", question] => this_pool::answer(question),
        ["procspawn", question] => procspawn_pool::answer(question),
        [] => compare(5),
        ["--rounds", rounds] => match rounds.parse() {
            Ok(rounds @ 1..) => compare(rounds),
            _ => Err(format!("not a number of rounds: {rounds}").into()),
        },
        _ => Err("usage: comparison [--rounds N]".into()),
    };
    match result {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("comparison: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Asks all questions, and returns the table.
fn compare(rounds: usize) -> tasks::Result<String> {
    let (pools, missing) = find_pools()?;
    let mut answers = vec![vec![Vec::new(); pools.len()]; QUESTIONS.len()];
    for round in 1..=rounds {
        for (question, answers) in QUESTIONS.iter().zip(&mut answers) {
            if round > 1 && question.once {
                continue;
            }
            for (pool, answers) in pools.iter().zip(answers) {
                eprintln!("{round} of {rounds}: {}: {}", question.title, pool.title);
                answers.push(question.ask(pool)?);
            }
        }
    }

    let mut text = format!("{}\n\n", machine(rounds)?);
    let titles: Vec<_> = pools.iter().map(|pool| pool.title.as_str()).collect();
    text += &format!("| | {} |\n", titles.join(" | "));
    text += &format!("|---|{}\n", "---|".repeat(pools.len()));
    for (question, answers) in QUESTIONS.iter().zip(&answers) {
        let cells: Vec<_> = (0..pools.len()).map(|pool| cell(answers, pool)).collect();
        text += &format!("| {} | {} |\n", question.title, cells.join(" | "));
    }
    for word in missing {
        text += &format!("\n{word}\n");
    }
    Ok(text)
}

/// A cell of the table: the ratios to the first pool, or the text of the answers.
fn cell(answers: &[Vec<Answer>], pool: usize) -> String {
    let seconds = |answer: &Answer| match answer {
        Answer::Seconds(seconds) => Some(*seconds),
        Answer::Words(_) => None,
    };
    let pairs = answers[0].iter().zip(&answers[pool]);
    let ratios: Vec<_> = pairs
        .filter_map(|(first, this)| {
            Some((seconds(this)? / seconds(first)?, seconds(this)?))
        })
        .collect();
    let range = |values: Vec<f64>, format: fn(f64) -> String| {
        let least = format(values.iter().copied().fold(f64::MAX, f64::min));
        let most = format(values.iter().copied().fold(0.0, f64::max));
        if least == most {
            least
        } else {
            format!("{least} to {most}")
        }
    };
    let mut parts = Vec::new();
    if !ratios.is_empty() && pool == 0 {
        let times = ratios.iter().map(|(_, seconds)| *seconds).collect();
        parts.push(format!("1 ({})", range(times, time)));
    } else if !ratios.is_empty() {
        let ratios = ratios.iter().map(|(ratio, _)| *ratio).collect();
        parts.push(format!("{} ×", range(ratios, two_figures)));
    }
    // Answers that differ only in the number in front are one answer.
    let mut words = BTreeMap::<&str, Vec<u64>>::new();
    for answer in &answers[pool] {
        if let Answer::Words(text) = answer {
            let (number, rest) = text.split_once(' ').unwrap_or((text, ""));
            match number.parse() {
                Ok(number) => words.entry(rest).or_default().push(number),
                Err(_) => drop(words.entry(text).or_default()),
            }
        }
    }
    parts.extend(words.into_iter().map(|(text, numbers)| {
        match (numbers.iter().min(), numbers.iter().max()) {
            (Some(least), Some(most)) if least < most => {
                format!("{least} to {most} {text}")
            }
            (Some(number), _) => format!("{number} {text}").trim_end().to_owned(),
            _ => text.to_owned(),
        }
    }));
    parts.join("; or: ")
}

fn two_figures(value: f64) -> String {
    let places = if value < 1.0 {
        2
    } else {
        usize::from(value < 10.0)
    };
    format!("{value:.places$}")
}

fn time(seconds: f64) -> String {
    match seconds {
        1.0.. => format!("{seconds:.1} s"),
        0.001.. => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{:.1} µs", seconds * 1e6),
    }
}

/// The pools that are available, and a note for each that is not.
fn find_pools() -> tasks::Result<(Vec<Pool>, Vec<String>)> {
    let program = std::env::current_exe()?.display().to_string();
    let rust = |title: &str, name: &str| Pool {
        title: title.to_owned(),
        command: vec![program.clone(), name.to_owned()],
    };
    let mut pools = vec![rust("this", "this")];
    let mut missing = Vec::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/pools.py").to_owned();
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let version = "import platform; print(platform.python_version())";
    match output(Command::new(&python).args(["-c", version])) {
        Ok(version) => pools.push(Pool {
            title: format!("CPython {version}"),
            command: vec![python.clone(), script.clone(), "cpython".to_owned()],
        }),
        Err(error) => missing.push(format!("CPython is left out: {python}: {error}")),
    }
    match install_loky(&python) {
        Ok((python, version)) => pools.push(Pool {
            title: format!("loky {version}"),
            command: vec![python, script, "loky".to_owned()],
        }),
        Err(error) => missing.push(format!("loky is left out: {error}")),
    }
    pools.push(rust("procspawn 1.0.2", "procspawn"));
    Ok((pools, missing))
}

/// A Python with loky, in a virtual environment beside this program. Makes it if needed.
fn install_loky(python: &str) -> tasks::Result<(String, String)> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).ok_or("no target directory")?;
    let folder: PathBuf = target.join("venv");
    let inside = folder.join("bin/python").display().to_string();
    let version = || {
        let script = "import loky; print(loky.__version__)";
        output(Command::new(&inside).args(["-c", script]))
    };
    if version().is_err() {
        output(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
        output(Command::new(&inside).args([
            "-m",
            "pip",
            "install",
            "-q",
            "loky==3.7.0",
        ]))?;
    }
    Ok((inside.clone(), version()?))
}

/// What a command prints.
fn output(command: &mut Command) -> tasks::Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(text.lines().last().unwrap_or("it failed").to_owned().into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The machine and the number of rounds, for the text below the table.
fn machine(rounds: usize) -> tasks::Result<String> {
    let cpus = std::thread::available_parallelism()?;
    let kernel = output(Command::new("uname").arg("-sr")).unwrap_or_default();
    let rust = output(Command::new("rustc").arg("--version")).unwrap_or_default();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown").to_owned();
    Ok(format!(
        "`cargo run --release --manifest-path crates/process-pool/comparison/Cargo.toml -- \
         --rounds {rounds}`\n\non {cpus} CPUs, {kernel}, {rust}; load average {load} at the \
         end."
    ))
}

impl Question {
    /// The process that answers the question.
    fn command(&self, pool: &Pool) -> Command {
        let under = self.under.iter().copied();
        let words: Vec<_> = under
            .chain(pool.command.iter().map(String::as_str))
            .collect();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .arg(self.name)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }
}
