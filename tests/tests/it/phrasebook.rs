//! The phrasebook is true: every page prints what its header shows, its twin in Python prints
//! the same, and the index leads to all of them.
//!
//! The twins run with the interpreters that `PHRASEBOOK_PYTHON` names, separated like the
//! folders of `PATH`; else with the one in `target/python`, else with `python3`. Without an
//! interpreter no twin is run. If it lacks libraries, the twins that need them are not run.
//! With `REQUIRE_PYTHON` the tests fail instead.
//!
//! Pages on PostgreSQL need a server, which is started here. If there is none they are left
//! out; with `REQUIRE_POSTGRES` the tests fail instead.
//!
//! With `PHRASEBOOK_STRESS=20` every page and every twin is run 20 times, while all cores are
//! kept busy.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::hint;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};
use std::thread;

use tests::fixtures::Authority;
use tests::phrasebook::{Page, code_spans, pages};
use tests::postgres::Postgres;
use tests::{Program, left_out, python, root};

/// An interpreter, with the minor number of its version.
pub struct Python {
    pub program: PathBuf,
    pub minor: u32,
    /// The libraries of the twins that it lacks.
    missing: Vec<&'static str>,
}

/// The interpreters to run twins with.
pub fn pythons() -> Vec<Python> {
    let named = env::var_os("PHRASEBOOK_PYTHON");
    let for_races = root().join("target/python/bin/python");
    let programs = match &named {
        Some(paths) => env::split_paths(paths).collect(),
        None if for_races.exists() => vec![for_races],
        None => vec!["python3".into()],
    };
    let pythons = programs.into_iter().filter_map(|program| {
        let mut version = Command::new(&program);
        version.args(["-c", "import sys; print(sys.version_info.minor)"]);
        let minor = version.output().ok().filter(|it| it.status.success());
        let minor =
            minor.and_then(|it| String::from_utf8(it.stdout).ok()?.trim().parse().ok());
        let is_required = env::var_os("REQUIRE_PYTHON").is_some();
        match minor {
            Some(minor) => {
                let missing = python::missing_libraries(&program);
                assert!(
                    missing.is_empty() || !is_required,
                    "{} lacks {missing:?}",
                    program.display()
                );
                Some(Python {
                    program,
                    minor,
                    missing,
                })
            }
            None => {
                let program = program.display().to_string();
                assert!(named.is_none(), "there is no {program}");
                left_out(&program, "apt install python3", "REQUIRE_PYTHON");
                None
            }
        }
    });
    pythons.collect()
}

/// How many times everything is run.
fn times() -> usize {
    let times = env::var("PHRASEBOOK_STRESS").ok();
    times.map_or(1, |times| {
        times.parse().expect("PHRASEBOOK_STRESS is a number")
    })
}

/// Calls `check` for every page, on a thread for each core. Fails with all errors together.
fn for_each_page(pages: &[Page], check: impl Fn(&Page) -> Result<(), String> + Sync) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let times = times();
    let queue = Mutex::new(pages.iter());
    let complaints = Mutex::new(Vec::new());
    let work = || {
        loop {
            // The lock is released before the check.
            let page = queue.lock().unwrap().next();
            let Some(page) = page else { break };
            if let Err(complaint) = (0..times).try_for_each(|_| check(page)) {
                let complaint = format!("{}: {complaint}", page.name);
                complaints.lock().unwrap().push(complaint);
            }
        }
    };
    let is_over = AtomicBool::new(false);
    let keep_a_core_busy = || {
        while !is_over.load(Relaxed) {
            hint::spin_loop();
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        if times > 1 {
            for _ in 0..cores {
                scope.spawn(keep_a_core_busy);
            }
        }
        let ended: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
        is_over.store(true, Relaxed);
        for worker in ended {
            worker.expect("no check panics");
        }
    });
    let complaints = complaints.into_inner().unwrap();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What stands in for the internet: the address of a proxy, and the file of a certificate.
fn internet() -> &'static (String, PathBuf) {
    static INTERNET: OnceLock<(String, PathBuf)> = OnceLock::new();
    INTERNET.get_or_init(|| {
        let authority = Authority::new("the phrasebook's authority").unwrap();
        let hosts = [
            ("www.python.org", 51_042),
            ("www.djangoproject.com", 20_313),
            ("flask.palletsprojects.com", 17_806),
        ];
        let proxy = authority.start_internet(&hosts).unwrap();
        // With nextest each test is a process, with an authority of its own.
        let file = format!("phrasebook-{}.pem", std::process::id());
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
        fs::write(&file, authority.pem()).unwrap();
        (format!("http://{proxy}"), file)
    })
}

/// The server for the pages on PostgreSQL. With nextest each test has its own.
fn postgres() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    SERVER.get_or_init(Postgres::start).as_ref()
}

/// Runs a page or its twin to its end, and says what is wrong with what it printed.
fn prints(page: &Page, command: Command, lines: &[String]) -> Result<(), String> {
    let (proxy, certificate) = internet();
    let mut program = Program::from(command)
        .env("HTTPS_PROXY", proxy)
        .env("SSL_CERT_FILE", certificate);
    if page.needs_postgres() {
        let Some(server) = postgres() else {
            return Ok(());
        };
        program = program.env("DATABASE_URL", server.url());
    }
    let finished = program.run();
    if finished.status.success() && finished.stdout.lines().eq(lines) {
        return Ok(());
    }
    let (status, stdout, stderr) = (finished.status, finished.stdout, finished.stderr);
    let lines = lines.join("\n");
    Err(format!(
        "{status}, printed\n{stdout}{stderr}instead of\n{lines}\n"
    ))
}

#[test]
fn every_page_prints_what_its_header_shows() {
    for_each_page(&pages(), |page| {
        let example = page.example();
        if example.command != ["cargo", "run", "--example", &page.name] {
            return Err(format!("the header has {:?}", example.command));
        }
        let program = tests::program(&format!("examples/{}", page.name));
        prints(page, Command::new(program), &example.output)
    });
}

/// No output may depend on which ready task runs first. The order changes with the number of
/// threads, and with the number of polls between two checks of timers and sockets.
#[test]
fn every_async_page_prints_the_same_on_every_runtime() {
    let listed = Program::new("examples/async-pages").expect(0).stdout;
    let clocks: BTreeMap<_, _> = listed
        .lines()
        .map(|line| line.split_once(' ').expect("a page and its clock"))
        .collect();
    assert!(clocks.len() >= 60, "{listed}");
    for_each_page(&pages(), |page| {
        let Some(clock) = clocks.get(&*page.name) else {
            return Ok(());
        };
        // The multi-thread runtime cannot pause its clock.
        let needs_one_thread = *clock == "paused";
        for (threads, interval) in [(0, 1), (0, 7), (1, 61), (2, 1), (4, 61)] {
            if needs_one_thread && threads > 0 {
                continue;
            }
            let mut command = Command::new(tests::program("examples/async-pages"));
            command.env("PAGE", &page.name);
            command.env("THREADS", threads.to_string());
            command.env("EVENT_INTERVAL", interval.to_string());
            prints(page, command, &page.example().output).map_err(|complaint| {
                format!("{threads} threads, event_interval {interval}: {complaint}")
            })?;
        }
        Ok(())
    });
}

/// A twin that needs a newer Python must end with an error, and not hang.
fn stops(program: &Path, twin: &Path) -> Result<(), String> {
    let mut command = Command::new(program);
    command.arg("-B").arg(twin);
    let finished = Program::from(command).run();
    match finished.status.success() || finished.stderr.is_empty() {
        true => Err("its twin does not fail in an older Python".to_owned()),
        false => Ok(()),
    }
}

#[test]
fn every_twin_prints_the_same() {
    let pages = pages();
    for Python {
        program,
        minor,
        missing,
    } in &pythons()
    {
        for_each_page(&pages, |page| {
            let twin = page.twin();
            if !twin.exists() {
                return Err("no twin".to_owned());
            }
            let needed = page.python_of_the_twin();
            if needed > *minor {
                return stops(program, &twin);
            }
            if !python::can_run(&twin) || !python::can_import(&twin, missing) {
                return Ok(());
            }
            let mut command = Command::new(program);
            command.arg("-B").arg(&twin);
            prints(page, command, &page.lines_of_the_twin())
        });
    }
}

#[test]
fn a_page_without_its_server_says_what_it_needs() {
    let pages: Vec<_> = pages().into_iter().filter(Page::needs_postgres).collect();
    assert!(!pages.is_empty());
    let says_it = |mut command: Command| {
        command.env_remove("DATABASE_URL");
        let finished = Program::from(command).expect(1);
        let (stdout, stderr) = (finished.stdout, finished.stderr);
        let is_clear = stderr.contains("DATABASE_URL") && stderr.contains("docker run");
        match is_clear && stderr.lines().count() == 1 && stdout.is_empty() {
            true => Ok(()),
            false => Err(format!("printed\n{stdout}{stderr}")),
        }
    };
    for_each_page(&pages, |page| {
        let program = tests::program(&format!("examples/{}", page.name));
        says_it(Command::new(program))
    });
    for Python {
        program, missing, ..
    } in &pythons()
    {
        for_each_page(&pages, |page| {
            let twin = page.twin();
            if !python::can_import(&twin, missing) {
                return Ok(());
            }
            let mut command = Command::new(program);
            command.arg("-B").arg(&twin);
            says_it(command)
        });
    }
}

#[test]
fn every_header_has_its_parts() {
    let pages = pages();
    let names: BTreeSet<_> = pages.iter().map(|page| page.name.as_str()).collect();
    for_each_page(&pages, |page| {
        for part in [
            "- **Python:** ",
            "- **Rust:** ",
            "- **Needs:** ",
            "**Trap:** ",
        ] {
            page.labelled(part).ok_or(format!("no {part}"))?;
        }
        let needs = page.labelled("- **Needs:** ").unwrap();
        if needs != "nothing but std" && page.needs().is_empty() {
            return Err(format!("cannot read what it needs: {needs:?}"));
        }
        let neighbours = page.labelled("Neighbours: ").ok_or("no Neighbours: ")?;
        let neighbours = code_spans(&neighbours);
        let raced: Vec<_> = tests::pages().collect();
        let strangers = neighbours.iter().filter(|neighbour| {
            !names.contains(*neighbour) && !raced.contains(neighbour)
        });
        let strangers: Vec<_> = strangers.collect();
        if neighbours.is_empty() || !strangers.is_empty() {
            return Err(format!("neighbours that are no pages: {strangers:?}"));
        }
        let file = page.file.strip_prefix(root()).unwrap();
        let file = file.display().to_string().replace('\\', "/");
        let twin = fs::read_to_string(page.twin()).unwrap_or_default();
        match twin.contains(&format!("In Rust: {file}\n")) {
            true => Ok(()),
            false => Err(format!("its twin does not say: In Rust: {file}")),
        }
    });
}

fn shows_its_trap(page: &Page) -> bool {
    page.example()
        .output
        .iter()
        .any(|line| line.starts_with("trap: "))
}

#[test]
fn the_phrasebook_is_whole() {
    let pages = pages();
    let traps = pages.iter().filter(|page| shows_its_trap(page)).count();
    assert!(pages.len() >= 60, "{} pages", pages.len());
    assert!(traps >= 30, "{traps} pages show their trap");
    let mut names: BTreeSet<_> = tests::pages().collect();
    for page in &pages {
        assert!(
            names.insert(&page.name),
            "two pages are named {}",
            page.name
        );
    }
    let twins: BTreeSet<_> = pages.iter().map(Page::twin).collect();
    for entry in fs::read_dir(root().join("python/phrasebook")).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "py") {
            assert!(twins.contains(&file), "{} has no page", file.display());
        }
    }
}

#[test]
fn no_twin_hides_a_module_of_the_standard_library() {
    for Python { program, .. } in pythons() {
        let print = "import sys; print(*sys.stdlib_module_names, sep='\\n')";
        let modules = Command::new(program).args(["-c", print]).output().unwrap();
        let modules = String::from_utf8(modules.stdout).unwrap();
        let modules: BTreeSet<_> = modules.lines().collect();
        assert!(modules.contains("asyncio"));
        for page in pages() {
            let twin = page.twin();
            let stem = twin.file_stem().unwrap().to_str().unwrap();
            assert!(!modules.contains(stem), "{}", twin.display());
        }
    }
}

/// The index.
pub fn index() -> String {
    fs::read_to_string(root().join("PHRASEBOOK.md")).unwrap()
}

#[test]
fn the_index_leads_to_every_page() {
    let index = index();
    let mut linked = BTreeSet::new();
    for link in index.split("](").skip(1) {
        let path = link.split(')').next().unwrap();
        if path.starts_with('#') {
            continue;
        }
        assert!(root().join(path).exists(), "the index links to {path}");
        linked.insert(path.to_owned());
    }
    let list = Program::new("xtask").arg("list").expect(0).stdout;
    let listed: BTreeSet<_> = list
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    for page in pages() {
        let file = page
            .file
            .strip_prefix(root())
            .unwrap()
            .display()
            .to_string();
        let file = file.replace('\\', "/");
        assert!(linked.contains(&file), "the index does not link to {file}");
        let link = format!("[{}]({file})", page.name);
        let needed = page.python_of_the_twin();
        let is_marked = index.contains(&format!("{link} ⁺"));
        assert_eq!(is_marked, needed > 13, "{file} needs Python 3.{needed}");
        assert!(
            index.contains(&link),
            "the index calls {file} by another name"
        );
        assert!(
            listed.contains(&*page.name),
            "not in the list: {}",
            page.name
        );
    }
}

/// Pastes every page into a new project and runs it there. The project has only the crates that
/// the page names.
#[test]
#[ignore = "downloads and builds the crates of every page; run weekly"]
fn every_page_works_in_a_new_project() {
    let mut projects = BTreeMap::<_, Vec<Page>>::new();
    for page in pages() {
        let mut needs = page.needs();
        needs.sort();
        projects.entry(needs).or_default().push(page);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pasted");
    let _ = fs::remove_dir_all(&folder);
    for (number, (needs, pages)) in projects.into_iter().enumerate() {
        let project = folder.join(format!("project-{number}"));
        fs::create_dir_all(project.join("src/bin")).unwrap();
        let manifest = "[package]\nname = \"pasted\"\nedition = \"2024\"\n[workspace]\n";
        fs::write(project.join("Cargo.toml"), manifest).unwrap();
        for page in &pages {
            let file = project.join(format!("src/bin/{}.rs", page.name));
            fs::copy(&page.file, file).unwrap();
        }
        let cargo = |args: &[&str]| {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.current_dir(&project).args(args);
            cargo.env("CARGO_TARGET_DIR", folder.join("target"));
            let status = cargo.status().expect("cargo starts");
            let names: Vec<_> = pages.iter().map(|page| &page.name).collect();
            assert!(status.success(), "{names:?}, {needs:?}: cargo {args:?}");
        };
        for need in &needs {
            let root = root().to_str().unwrap();
            let need: Vec<_> = need
                .arguments
                .iter()
                .map(|word| word.replace("CLONE", root))
                .collect();
            let words = need.iter().map(String::as_str);
            cargo(
                &["add", "--quiet"]
                    .into_iter()
                    .chain(words)
                    .collect::<Vec<_>>(),
            );
        }
        cargo(&["build", "--quiet"]);
        for_each_page(&pages, |page| {
            let program = folder.join("target/debug").join(&page.name);
            let program = program.with_extension(env::consts::EXE_EXTENSION);
            prints(page, Command::new(program), &page.example().output)
        });
    }
}

fn list(words: &str) -> Program {
    Program::new("xtask").arg("list").args(words.split(' '))
}

fn diff(names: &str) -> Program {
    // If stdout is no terminal, the width is 80.
    Program::new("xtask")
        .env("COLUMNS", "")
        .arg("diff")
        .args(names.split(' '))
}

#[test]
fn a_construct_is_found_by_its_names_in_both_languages() {
    let expected = "  Page: gather-return-exceptions (";
    for word in ["return_exceptions", "return-exceptions", "try_join_all"] {
        let stdout = list(word).expect(0).stdout;
        assert!(stdout.contains(expected), "{word}: {stdout}");
        assert!(!stdout.contains("heavy-calculation"), "{word}: {stdout}");
    }
    // A row of the index without a page is found as well.
    let stdout = list("InterpreterPoolExecutor").expect(0).stdout;
    assert!(stdout.contains("\n  Rust: none"), "{stdout}");
    let stderr = list("no-such-thing").expect(1).stderr;
    assert_eq!(
        stderr,
        "error: no page is about \"no-such-thing\"; \
         without a word, `cargo xtask list` shows all of them\n"
    );
    let stderr = list("wiat_for").expect(1).stderr;
    assert!(stderr.contains("did you mean"), "{stderr}");
}

/// The names of the pages in a list, in its order.
fn listed(words: &str) -> Vec<String> {
    let stdout = list(words).expect(0).stdout;
    let mut names = Vec::new();
    let mut is_table = false;
    for line in stdout.lines() {
        is_table = line == "see also" || (is_table && !line.is_empty());
        if let Some(page) = line.strip_prefix("  Page: ") {
            names.extend(page.split(' ').next());
        } else if is_table {
            names.extend(line.strip_prefix("  ").and_then(|it| it.split(' ').next()));
        }
    }
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn list_shows_the_best_match_first_and_needs_all_words_to_match() {
    let gather = listed("gather");
    let place = |name: &str| gather.iter().position(|listed| listed == name);
    assert!(place("gather") < Some(2), "{gather:?}");
    assert!(place("gather") < place("all-tasks"), "{gather:?}");
    assert!(place("async-gather").is_some(), "{gather:?}");
    let queues = listed("queue");
    let both = listed("queue timeout");
    assert!(
        both.contains(&"threads-simple-queue".to_owned()),
        "{both:?}"
    );
    assert!(both.len() < queues.len(), "{both:?}");
    assert!(both.iter().all(|name| queues.contains(name)), "{both:?}");
}

#[test]
fn list_and_diff_take_every_spelling_of_a_name() {
    let pages = listed("wait-for");
    let twins = diff("wait-for").expect(0).stdout;
    for spelling in ["wait_for", "Wait_For", "wait_for()", "asyncio.wait_for"] {
        assert_eq!(listed(spelling), pages, "{spelling}");
        assert_eq!(diff(spelling).expect(0).stdout, twins, "{spelling}");
    }
}

#[test]
fn siblings_are_shown_as_git_shows_a_change() {
    let siblings = diff("threads processes say-after").expect(0).stdout;
    assert!(siblings.contains("\n-use thread_pool"), "{siblings}");
    assert!(siblings.contains("\n+use process_pool"), "{siblings}");
    assert!(siblings.contains("\n     sleep(delay);"), "{siblings}");
    let pages = diff("threads-say-after processes-say-after")
        .expect(0)
        .stdout;
    assert_eq!(siblings, pages);
}

#[test]
fn a_page_and_its_twin_stand_side_by_side_only_where_there_is_room_for_both() {
    let all = pages();
    let wait_for = all.iter().find(|page| page.name == "wait-for").unwrap();
    let rust = fs::read_to_string(&wait_for.file).unwrap();
    let (header, rust) = rust.split_once("\n\n").unwrap();
    let python = fs::read_to_string(wait_for.twin()).unwrap();
    let (_, python) = python.split_once("\n\"\"\"\n\n").unwrap();

    let stacked = diff("wait-for").expect(0).stdout;
    let summary = header.lines().next().unwrap().replace("//! ", "");
    assert!(stacked.starts_with(&summary), "{stacked}");
    assert_eq!(stacked.matches(&summary).count(), 1, "{stacked}");
    let trap = header.lines().find(|line| line.contains("**Trap:**"));
    let trap = trap.unwrap().replace("//! **Trap:**", "\nTrap:");
    assert!(stacked.contains(&trap), "{stacked}");
    let code = format!(
        "\n\n── phrasebook/tokio-util/examples/wait-for.rs ──\n\n{rust}\n\
         ── python/phrasebook/wait_for.py ──\n\n{python}"
    );
    assert!(stacked.ends_with(&code), "{stacked}");

    let beside = diff("wait-for").env("COLUMNS", "200").expect(0).stdout;
    let (header, _) = stacked.split_once("──").unwrap();
    let code = beside.strip_prefix(header).expect("the same header");
    assert!(code.lines().all(|line| line.contains('│')), "{beside}");
    for line in rust.lines() {
        assert!(code.contains(line), "not a whole line: {line}");
    }
    for line in python.lines().filter(|line| !line.is_empty()) {
        assert!(code.contains(&format!("│ {line}\n")), "{line}");
    }
}

#[test]
fn every_page_can_be_shown_with_its_twin() {
    for page in pages() {
        let twins = diff(&page.name).expect(0).stdout;
        assert!(twins.contains("\nTrap: "), "{}", page.name);
        assert!(!twins.contains("In Rust: "), "{}", page.name);
        assert!(twins.contains(".py ──\n\n"), "{}", page.name);
    }
    let twins = diff("async-gather").expect(0).stdout;
    let python = fs::read_to_string(root().join("python/async_gather.py")).unwrap();
    let docstring = python.lines().next().unwrap().replace("\"\"\"", "");
    let docstring = format!("\n\nPython docstring:\n{docstring}\n");
    assert!(twins.contains(&docstring), "{twins}");
}

#[test]
fn diff_takes_a_part_of_a_name_if_one_page_matches() {
    assert_eq!(
        diff("max_tasks").expect(0).stdout,
        diff("max-tasks-per-child").expect(0).stdout
    );
    for (names, error) in [
        (
            "Queue.join",
            "error: there is no page Queue.join; 2 pages match: \
             async-queue-join, threads-queue-join\n",
        ),
        (
            "threads fibers say-after",
            "error: there is no page fibers-say-after; \
             `cargo xtask list` shows all of them\n",
        ),
        ("gather gather", "error: both are gather\n"),
        (
            "gather no-page",
            "error: there is no page no-page, and none matches; \
             `cargo xtask list` shows all of them\n",
        ),
    ] {
        assert_eq!(diff(names).expect(1).stderr, error);
    }
    diff("one two three four").expect(2);
}
