//! Programs as users write them, with a `main` that enters a worker entry. Each is this
//! file, started again. A test under the test harness has no `main` of its own, so these
//! cases cannot be tested there. They run on every platform.

#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, exit};
use std::time::{Duration, Instant};

use process_pool::{Builder, Death, Error, ProcessPool, Transport, worker_entry};

/// The programs, by their names.
#[rustfmt::skip]
const PROGRAMS: &[(&str, fn())] = &[
    ("a_plain_program", a_plain_program),
    ("two_closures_of_one_name", two_closures_of_one_name),
    ("two_functions_of_one_name", two_functions_of_one_name),
    ("two_initializers_of_one_name", two_initializers_of_one_name),
    #[cfg(unix)]
    ("a_command_that_loses_the_mark", a_command_that_loses_the_mark),
    ("programs_that_start_each_other", programs_that_start_each_other),
    ("a_program_that_is_replaced", a_program_that_is_replaced),
];

/// The environment variable that says which program this process is. Its workers inherit
/// it.
const PROGRAM: &str = "POOL_TEST_PROGRAM";

fn main() -> ExitCode {
    let chosen = std::env::var(PROGRAM).unwrap_or_default();
    if let Some((_, program)) = PROGRAMS.iter().find(|(name, _)| *name == chosen) {
        program();
        return ExitCode::SUCCESS;
    }
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let list = arguments.iter().any(|argument| argument == "--list");
    let filters: Vec<_> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    let mut failed = 0;
    for (name, _) in PROGRAMS {
        if !filters.is_empty() && !filters.iter().any(|filter| name.contains(*filter)) {
            continue;
        }
        if list {
            println!("{name}: test");
            continue;
        }
        let result = run(name);
        println!(
            "test {name} ... {}",
            if result.is_ok() { "ok" } else { "FAILED" }
        );
        if let Err(reason) = result {
            println!("{name}: {reason}");
            failed += 1;
        }
    }
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs one of the programs. It fails if it has not ended after a minute.
fn run(name: &str) -> Result<(), String> {
    let mut program = this_program();
    let mut program = program.env(PROGRAM, name).spawn().unwrap();
    let start = Instant::now();
    loop {
        match program.try_wait().unwrap() {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(status.to_string()),
            None if start.elapsed() > Duration::from_secs(60) => {
                program.kill().unwrap();
                program.wait().unwrap();
                return Err("it hangs".to_owned());
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn this_program() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

/// A builder for each transport of this platform.
fn builders() -> Vec<Builder> {
    let transports = [
        Transport::Tcp,
        #[cfg(unix)]
        Transport::SocketPair,
    ];
    let builder = |transport| ProcessPool::builder().transport(transport);
    transports.into_iter().map(builder).collect()
}

fn square(n: u64) -> u64 {
    n * n
}

fn fail(text: String) -> u64 {
    match text.as_str() {
        "exit" => exit(3),
        _ => panic!("{text}"),
    }
}

fn a_plain_program() {
    worker_entry().function(square).function(fail).enter();
    for builder in builders() {
        let pool = builder.max_workers(2).build().unwrap();
        let results: Result<Vec<_>, _> = pool.map(square, 0..20).collect();
        assert_eq!(results.unwrap(), (0..20).map(square).collect::<Vec<_>>());
        let failures: Vec<_> = pool
            .map(fail, ["a panic", "exit"].map(String::from))
            .collect();
        match &failures[..] {
            [
                Err(Error::Panicked { message, .. }),
                Err(Error::Died { how, .. }),
            ] => {
                assert_eq!(message, "a panic");
                assert_eq!(*how, Death::Exit(3));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(pool.submit(square, 5).join().unwrap(), 25);
    }
}

fn two_closures_of_one_name() {
    let double = |n: u64| n * 2;
    worker_entry().function(double).enter();
    for builder in builders() {
        let pool = builder.max_workers(1).build().unwrap();
        assert_eq!(pool.submit(double, 1).join().unwrap(), 2);
        let other = pool.submit(|n: u64| n + 100, 1).join();
        assert!(other.is_err(), "another closure ran: {other:?}");
        let others: Vec<_> = pool.map(|n: u64| n + 200, 0..3).collect();
        assert!(others.iter().all(Result::is_err), "{others:?}");
        assert_eq!(pool.submit(double, 2).join().unwrap(), 4);
    }
}

fn two_functions_of_one_name() {
    let double = {
        fn local(n: u64) -> u64 {
            n * 2
        }
        local
    };
    let add = {
        fn local(n: u64) -> u64 {
            n + 100
        }
        local
    };
    // Both functions have the same argument and result types.
    let _: [fn(u64) -> u64; 2] = [double, add];
    worker_entry().function(double).enter();
    for builder in builders() {
        let pool = builder.max_workers(1).build().unwrap();
        let other = pool.submit(add, 1).join();
        assert!(other.is_err(), "another function ran: {other:?}");
        assert!(other.unwrap_err().to_string().contains("local"));
        assert_eq!(pool.submit(double, 2).join().unwrap(), 4);
    }
}

fn two_initializers_of_one_name() {
    let registered = |_: u64| {};
    worker_entry()
        .function(square)
        .initializer(registered)
        .enter();
    for builder in builders() {
        let pool = builder.initializer(registered, 1).build().unwrap();
        assert_eq!(pool.submit(square, 2).join().unwrap(), 4);
    }
    for builder in builders() {
        let other = builder.initializer(|n: u64| assert!(n > 100), 1).build();
        assert!(other.is_err(), "another initializer was accepted");
    }
}

/// The environment variable with the folder in which the processes of a program are
/// counted. They inherit it.
const COUNT: &str = "POOL_TEST_COUNT";

/// More processes than this are a fork bomb. The test must stop it.
const BOMB: usize = 100;

/// Counts this process. The first process makes the folder, and gets its path.
fn count() -> Option<PathBuf> {
    let (folder, first) = match std::env::var_os(COUNT) {
        Some(folder) => (PathBuf::from(folder), false),
        None => {
            let name = format!("process-pool-programs-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            (folder, true)
        }
    };
    if processes(&folder) >= BOMB {
        exit(3);
    }
    std::fs::write(folder.join(std::process::id().to_string()), "").unwrap();
    first.then_some(folder)
}

fn processes(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// A shell that starts this program without the worker's flag. The program should be a
/// worker, but runs as a parent.
#[cfg(unix)]
fn a_command_that_loses_the_mark() {
    worker_entry().function(square).enter();
    let first = count();
    let counted = first.clone();
    let builders = builders();
    // A process that should not exist builds only one pool.
    let generations = if first.is_some() { builders.len() } else { 1 };
    for builder in builders.into_iter().take(generations) {
        let counted = counted.clone();
        let pool = builder.max_workers(1).worker_command(move || {
            let mut command = Command::new("sh");
            command
                .args(["-c", "exec \"$0\""])
                .arg(std::env::current_exe().unwrap());
            if let Some(folder) = &counted {
                command.env(COUNT, folder);
            }
            command
        });
        let result = pool
            .build()
            .map_err(|error| error.to_string())
            .and_then(|pool| {
                let task = pool.submit(square, 2);
                task.join().map_err(|error| error.to_string())
            });
        let error = result.unwrap_err();
        let Some(folder) = &first else {
            eprintln!("{error}");
            exit(1);
        };
        let number = processes(folder);
        assert!(number < BOMB, "{number} processes");
        nobody_is_left(folder);
        std::fs::remove_dir_all(folder).unwrap();
        std::fs::create_dir_all(folder).unwrap();
    }
    if let Some(folder) = first {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[cfg(unix)]
fn nobody_is_left(folder: &Path) {
    use rustix::process::{Pid, getpid, test_kill_process};
    let start = Instant::now();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name();
        let pid = Pid::from_raw(name.to_str().unwrap().parse().unwrap()).unwrap();
        while pid != getpid() && test_kill_process(pid).is_ok() {
            assert!(start.elapsed() < Duration::from_secs(20), "{pid:?} is left");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A task starts this program as an ordinary program. A task of its pool does the same,
/// and so on.
fn programs_that_start_each_other() {
    fn start_the_program(folder: PathBuf) -> Result<(), String> {
        let output = this_program()
            .env(COUNT, folder)
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
    worker_entry().function(start_the_program).enter();
    let first = count();
    let folder = std::env::var_os(COUNT).map(PathBuf::from);
    let folder = folder.or(first.clone()).unwrap();
    let result = ProcessPool::builder()
        .max_workers(1)
        .build()
        .map_err(|error| error.to_string())
        .and_then(|pool| {
            let task = pool.submit(start_the_program, folder.clone());
            task.join().map_err(|error| error.to_string())?
        });
    let error = result.unwrap_err();
    if first.is_none() {
        eprint!("{error}");
        exit(1);
    }
    let number = processes(&folder);
    assert!(error.contains("deep"), "{number} processes: {error}");
    // Pools may be nested up to the limit, and must not be refused before it.
    assert!((3..=12).contains(&number), "{number} processes: {error}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// The program's file is replaced by another build while it runs. Linux starts workers
/// from the running program. Elsewhere the workers would be the other build, which is an
/// error.
fn a_program_that_is_replaced() {
    const COPY: &str = "POOL_TEST_COPY";
    worker_entry().function(square).enter();
    let here = std::env::current_exe().unwrap();
    if std::env::var_os(COPY).is_none() {
        let name = format!("process-pool-copy-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let copy = folder.join(here.file_name().unwrap());
        std::fs::copy(&here, &copy).unwrap();
        let status = Command::new(&copy).env(COPY, "").status().unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        assert!(status.success());
        return;
    }
    let pool = ProcessPool::builder().max_workers(1).build().unwrap();
    let old = here.with_extension("old");
    std::fs::rename(&here, &old).unwrap();
    let mut bytes = std::fs::read(&old).unwrap();
    bytes.extend(b"another build");
    std::fs::copy(&old, &here).unwrap();
    std::fs::write(&here, bytes).unwrap();
    let result = pool.submit(square, 3).join();
    if cfg!(target_os = "linux") {
        assert_eq!(result.unwrap(), 9);
    } else {
        let error = result.unwrap_err().to_string();
        assert!(error.contains("another build"), "{error}");
    }
}
