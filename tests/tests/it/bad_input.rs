//! Bad input is refused or reported: with the right exit code, with an error that names it, and
//! without losing other results.

use std::fs;
use std::time::Duration;

use tests::{
    FETCH_URL, Finished, HEAVY_CALCULATION, Program, SAY_AFTER, THUMBNAILS,
    for_each_page, for_each_page_and_twin, pages, runnable,
};
use workloads::site::Site;

#[cfg(unix)]
use {std::process::Command, tests::program};

/// Checks that `page` refuses `args` before it starts anything, and that its error contains
/// `named`.
fn refused(page: &str, args: &[&str], named: &str) {
    let Finished { stdout, stderr, .. } = Program::new(page).args(args).expect(2);
    assert_eq!(stdout, "", "{page} {args:?}");
    assert!(stderr.starts_with("error: "), "{page} {args:?}: {stderr}");
    assert!(stderr.contains(named), "{page} {args:?}: {stderr}");
    assert!(
        stderr.contains(&format!("Usage: {page}")) || stderr.contains("--help"),
        "{stderr}"
    );
}

#[test]
fn impossible_options_are_usage_errors_that_name_the_option() {
    for page in runnable(FETCH_URL) {
        for value in ["0", "-1", "10001", "1.5", "", "many"] {
            refused(page, &["--max-workers", value], "--max-workers");
        }
        for value in [
            "0", "-1", "nan", "inf", "-inf", "1e300", "86401", "", "soon",
        ] {
            refused(page, &["--timeout", value], "--timeout");
        }
        refused(page, &["--max-bytes", "0"], "--max-bytes");
        refused(page, &["--live", "http://127.0.0.1/"], "--live");
        for url in ["", "www.python.org", "localhost:8000", "ftp://127.0.0.1/"] {
            let problem = format!("URL {url}: does not begin with http:// or https://");
            refused(page, &[url], &problem);
        }
        refused(page, &["http://"], "URL http://: ");
    }
    for page in runnable(HEAVY_CALCULATION) {
        for value in [
            "0",
            "-1",
            "1000000000001",
            "99999999999999999999999",
            "1e3",
            "",
            "ten",
        ] {
            refused(page, &["100", value], "[NUMBER]");
        }
        refused(page, &["--max-workers", "0"], "--max-workers");
    }
    for page in runnable(THUMBNAILS) {
        for value in ["0", "-1", "1025", "65537", "1.5", "", "many"] {
            refused(page, &["--size", value], "--size");
        }
        refused(page, &["--max-workers", "0"], "--max-workers");
        refused(page, &["--timeout", "0"], "--timeout");
        refused(page, &["www.python.org"], "URL www.python.org: ");
        refused(page, &["--from", "no/such/file"], "--from no/such/file: ");
    }
    for page in runnable(SAY_AFTER) {
        for value in [
            "hello",
            ":hello",
            "0:hello",
            "nan:hello",
            "86401:hello",
            "inf:hello",
        ] {
            refused(page, &[value], "[SECONDS:WHAT]");
        }
        for value in ["0", "-1", "10000001", "1.5"] {
            refused(page, &["--repeat", value], "--repeat");
        }
        refused(page, &["--repeat=5000001", "1:a", "1:b"], "--repeat");
        refused(page, &["--fail", "nan"], "--fail");
        refused(page, &["--max-workers", "0"], "--max-workers");
    }
}

#[test]
fn a_list_of_addresses_is_read_from_a_file_or_stdin() {
    let site = Site::start(Duration::ZERO).unwrap();
    // As editors on Windows write it: with a byte order mark, and two characters at the end of
    // a line.
    let list = format!(
        "\u{feff}{0}/bytes/1\r\n\n  {0}/bytes/2  \n{0}/bytes/3",
        site.url()
    );
    let file = temporary("urls", &list);
    for page in runnable(FETCH_URL) {
        let from_file = Program::new(page)
            .args(["--quiet", "--from", &file])
            .expect(0)
            .stdout;
        let from_stdin = Program::new(page)
            .args(["--quiet", "--from=-"])
            .stdin(&list)
            .expect(0);
        assert_eq!(from_file.lines().count(), 3, "{page}");
        assert!(
            from_file.ends_with("/bytes/3, Length: 3\n"),
            "{page}: {from_file}"
        );
        assert_eq!(from_file, from_stdin.stdout, "{page}");
    }
}

#[test]
fn a_list_of_addresses_that_cannot_be_read_is_refused() {
    let empty = temporary("empty", "\n \n");
    let bad = temporary("bad-line", "http://127.0.0.1/\n\nnonsense\n");
    for page in runnable(FETCH_URL) {
        refused(
            page,
            &["--from", "no/such/file"],
            "--from no/such/file: No such file",
        );
        refused(page, &["--from", &empty], "no address in it");
        refused(
            page,
            &["--from", &bad],
            "line 3: nonsense: does not begin with http:// or https://",
        );
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_end_is_refused_before_it_fills_the_memory() {
    for_each_page(FETCH_URL, |page| {
        let finished = Program::with_memory(page, 500 << 20)
            .args(["--from", "/dev/zero"])
            .expect(2);
        assert_eq!(finished.stdout, "", "{page}");
        let error = finished.stderr.lines().next().unwrap_or_default();
        assert!(error.starts_with("error: "), "{page}: {}", finished.stderr);
        let problem = ": longer than 65000 bytes";
        assert!(error.ends_with(problem), "{page}: {error}");
        assert!(error.len() < 2_000, "{page}: {} bytes", error.len());
    });
}

#[test]
fn control_characters_in_input_do_not_reach_the_terminal() {
    let site = Site::start(Duration::ZERO).unwrap();
    let list = format!("{}/bytes/1?\u{1b}[2J\u{202e}\u{9b}", site.url());
    let acts = temporary("acts", &list);
    let long = format!("nonsense\u{1b}]0;{}", "x".repeat(10_000));
    let long = temporary("long-line", &long);
    for page in runnable(FETCH_URL) {
        let Finished { stdout, stderr, .. } =
            Program::new(page).args(["--from", &acts]).expect(0);
        let url = format!("{}/bytes/1?%1B[2J%E2%80%AE%C2%9B", site.url());
        let lines = format!(
            "Fetching {url}...\nFetched {url} with status 200\nURL: {url}, Length: 1\n"
        );
        assert_eq!((stdout, stderr), (lines, String::new()), "{page}");

        let stderr = Program::new(page).args(["--from", &long]).expect(2).stderr;
        let line = format!("error: --from {long}: line 1: nonsense\\u{{1b}}]0;xxx");
        assert!(stderr.starts_with(&line), "{page}: {stderr}");
        assert!(stderr.contains("x…x"), "{page}: {stderr}");
        assert!(stderr.len() < 1_000, "{page}: {} bytes", stderr.len());
    }
}

#[test]
fn one_address_that_fails_does_not_hide_the_others() {
    let site = Site::start(Duration::ZERO).unwrap();
    for_each_page(FETCH_URL, |page| {
        let good = [site.url() + "/bytes/5", site.url() + "/status/500"];
        let refused = "http://127.0.0.1:1/";
        let slow = site.url() + "/delay/60";
        let Finished { stdout, stderr, .. } = Program::new(page)
            .args([
                "--quiet",
                "--timeout=0.5",
                &good[0],
                refused,
                &slow,
                &good[1],
            ])
            .expect(1);
        let results: Vec<_> = stdout.lines().collect();
        let expected = [
            format!("URL: {}, Length: 5", good[0]),
            format!("URL: {}, Length: 0", good[1]),
        ];
        assert_eq!(results, expected, "{page}");
        let errors: Vec<_> = stderr.lines().collect();
        assert_eq!(errors.len(), 2, "{page}: {stderr}");
        assert!(
            errors[0].starts_with(&format!("error: {refused}: ")),
            "{page}: {stderr}"
        );
        assert!(
            errors[1].starts_with(&format!("error: {slow}: ")),
            "{page}: {stderr}"
        );
        assert!(errors[1].contains("--timeout 0.5"), "{page}: {stderr}");
    });
}

/// Before anything is fetched.
#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    let file = temporary("no-folder", "");
    let mut folders = vec![file.clone(), file + "/folder"];
    if cfg!(target_os = "linux") {
        // This folder exists, but no file can be made in it.
        folders.push("/proc".to_owned());
    }
    for page in runnable(THUMBNAILS) {
        for folder in &folders {
            let problem = format!("--output {folder}: ");
            refused(page, &["--output", folder, "http://127.0.0.1:1/"], &problem);
        }
    }
}

#[test]
fn a_file_that_cannot_be_written_hides_no_other() {
    let site = Site::start(Duration::ZERO).unwrap();
    for_each_page_and_twin(THUMBNAILS, |page, program| {
        let folder = format!("{}/taken-{page}", env!("CARGO_TARGET_TMPDIR"));
        let _ = fs::remove_dir_all(&folder);
        // A folder has the name of the second file.
        fs::create_dir_all(format!("{folder}/2.jpg")).unwrap();
        let finished = program
            .args(["--quiet", "--output", &folder])
            .args(site.photos())
            .expect(1);
        let [first, second, third] = &site.photos()[..] else {
            panic!("not three")
        };
        let lines =
            format!("URL: {first}, Thumbnail: 128x96\nURL: {third}, Thumbnail: 128x72\n");
        assert_eq!(finished.stdout, lines, "{page}");
        let error = format!("error: {second}: cannot write {folder}/2.jpg: ");
        let stderr = finished.stderr;
        assert!(stderr.starts_with(&error), "{page}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{page}: {stderr}");
        // No unfinished file is left.
        let mut names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["1.jpg", "2.jpg", "3.jpg"], "{page}");
    });
}

#[cfg(unix)]
#[test]
fn a_saying_that_fails_cancels_the_others_in_a_task_group_only() {
    for_each_page(SAY_AFTER, |page| {
        let error = "this saying failed, as --fail asked";
        let expected = if page == "async-task-group" {
            format!("before\nerror: {error}\n")
        } else {
            format!("before\nafter\nerror: --fail 0.5: {error}\n")
        };
        // Both streams go to one pipe, so that their order can be seen.
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "exec \"$0\" --fail=0.5 0.01:before 1:after 2>&1"])
            .arg(program(page));
        assert_eq!(Program::from(shell).expect(1).stdout, expected, "{page}");
    });
}

#[test]
fn help_says_first_what_a_page_does() {
    for page in pages() {
        let help = Program::new(page).arg("--help").expect(0).stdout;
        let first = help.lines().next().unwrap();
        assert!(first.contains(". In Python: "), "{page}: {first}");
        assert!(
            help.contains(&format!("Example: {page} ")),
            "{page}: {help}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn if_no_worker_can_be_started_each_item_has_one_error() {
    // A program that is started by the system's loader cannot start itself again.
    let loaders = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];
    let Some(loader) = loaders.into_iter().find(|path| fs::exists(path).unwrap()) else {
        eprintln!("skipped: the loader of this system is elsewhere");
        return;
    };
    for (page, items) in [
        (
            "processes-fetch-url",
            ["http://127.0.0.1:1/", "http://127.0.0.1:2/"],
        ),
        ("processes-heavy-calculation", ["1", "2"]),
        (
            "processes-thumbnails",
            ["http://127.0.0.1:1/", "http://127.0.0.1:2/"],
        ),
        ("processes-say-after", ["0.01:a", "0.01:b"]),
    ] {
        let mut command = Command::new(loader);
        command.arg(program(page)).args(items);
        let stderr = Program::from(command).expect(1).stderr;
        let errors = stderr.lines().filter(|line| line.starts_with("error: "));
        let errors: Vec<_> = errors.collect();
        assert_eq!(errors.len(), 2, "{page}: {stderr}");
        for (item, error) in items.iter().zip(errors) {
            assert!(
                error.starts_with(&format!("error: {item}: ")),
                "{page}: {error}"
            );
            assert_eq!(
                error.matches("before it was ready").count(),
                1,
                "{page}: {error}"
            );
        }
    }
}

#[test]
fn a_closed_pipe_ends_a_page_quietly() {
    let site = Site::start(Duration::ZERO).unwrap();
    for_each_page(pages(), |page| {
        let args: Vec<String> = match page {
            page if page.ends_with("fetch-url") => vec![site.url() + "/delay/0.1"; 3],
            page if page.ends_with("thumbnails") => site.photos(),
            page if page.ends_with("heavy-calculation") => vec!["1000".into(); 3],
            // It ends at the next saying, without waiting for the last. There is more than one
            // saying, because a program that another test starts holds a copy of the pipe for a
            // moment.
            _ => ["0.1:hello", "0.3:hello", "1:hello", "1000:never"]
                .map(String::from)
                .into(),
        };
        let mut running = Program::new(page).args(args).start();
        // No line is read.
        drop(running.child.stdout.take());
        let status = running.wait(page);
        let mut stderr = String::new();
        let mut pipe = running.child.stderr.take().unwrap();
        std::io::Read::read_to_string(&mut pipe, &mut stderr).unwrap();
        assert_eq!((status.code(), stderr.as_str()), (Some(0), ""), "{page}");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_one_error() {
    let site = Site::start(Duration::ZERO).unwrap();
    for quiet in [false, true] {
        for_each_page(pages(), |page| {
            let args: Vec<String> = match page {
                page if page.ends_with("fetch-url") => vec![site.url() + "/bytes/1"; 400],
                page if page.ends_with("thumbnails") => {
                    vec![site.url() + "/photo/0.jpg"; 20]
                }
                page if page.ends_with("heavy-calculation") => vec!["1000".into(); 400],
                _ => vec!["--repeat=50".into(), "0.01:a".into()],
            };
            let is_silent =
                quiet && SAY_AFTER.contains(&page) && page != "async-task-group";
            let mut shell = Command::new("sh");
            shell
                .args(["-c", "exec \"$0\" \"$@\" > /dev/full"])
                .arg(program(page))
                .args(quiet.then_some("--quiet"))
                .args(args);
            let finished = Program::from(shell).expect(if is_silent { 0 } else { 1 });
            let error =
                "error: cannot write to stdout: No space left on device (os error 28)\n";
            let expected = if is_silent { "" } else { error };
            assert_eq!(finished.stderr, expected, "{page}, quiet: {quiet}");
        });
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_one_error_of_xtask_too() {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "exec \"$0\" list > /dev/full"])
        .arg(program("xtask"));
    assert_eq!(
        Program::from(shell).expect(1).stderr,
        "error: cannot write to stdout: No space left on device (os error 28)\n"
    );
}

/// A worker first reports that it could not print, then returns its result. The program must
/// not end with 0 between the two.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_even_if_only_the_last_line_meets_it() {
    for _ in 0..50 {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "exec \"$0\" 0.001:last > /dev/full"])
            .arg(program("processes-say-after"));
        Program::from(shell).expect(1);
    }
}

#[test]
fn xtask_refuses_impossible_values_before_it_builds() {
    for (task, args) in [
        ("compare", "no-such-workload"),
        ("compare", "--rounds=0"),
        ("compare", "--urls=0"),
        ("compare", "--delay=-1"),
        ("compare", "--workers=10001"),
        ("compare", "--numbers=1,0"),
        ("compare", "--sayings=1:a,b"),
        ("compare", "--repeat=0"),
        ("compare", "--time=0"),
        ("compare", "--timeout=nan"),
        ("scale", "--up-to=0"),
        ("scale", "--deadline=0"),
        ("serve", "--port=65536"),
        ("serve", "--delay=86401"),
    ] {
        // If it built anything first, it would fail in another way, because there is no cargo.
        let xtask = Program::new("xtask").args([task, args]);
        let xtask = xtask.env("CARGO", "/no/such/cargo");
        let Finished { stdout, stderr, .. } = xtask.expect(2);
        assert_eq!(stdout, "", "{task} {args}");
        let named = args.split('=').next().unwrap();
        assert!(stderr.starts_with("error: "), "{task} {args}: {stderr}");
        assert!(stderr.contains(named), "{task} {args}: {stderr}");
    }
}

/// Writes a file for one test, and returns its path.
fn temporary(name: &str, content: &str) -> String {
    let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&path, content).unwrap();
    path
}
