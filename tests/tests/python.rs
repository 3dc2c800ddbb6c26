//! The twins of the fetch pages in Python do as the pages do where a server or a file is odd.
//!
//! They need an interpreter with two libraries, in `target/python` (see `python/README.md`).
//! Without one nothing is tested, which `REQUIRE_PYTHON` forbids.
#![cfg(unix)]

use std::process::Command;

use tests::fixtures::{self, answer, request_line};
use tests::{FETCH_URL, Program, root};

/// The four twins, each with the page that it is the twin of; none without an interpreter.
fn twins() -> Vec<(&'static str, impl Fn() -> Program)> {
    let python = root().join("target/python/bin/python");
    if !python.exists() {
        let is_required = std::env::var_os("REQUIRE_PYTHON").is_some();
        assert!(!is_required, "there is no {}", python.display());
        eprintln!("skipped: there is no {}", python.display());
        return Vec::new();
    }
    let twin = |page: &'static str| {
        let python = python.clone();
        let file = root().join(format!("python/{}.py", page.replace('-', "_")));
        let start = move || {
            let mut command = Command::new(&python);
            command.arg(&file);
            Program::from(command)
        };
        (page, start)
    };
    FETCH_URL.into_iter().map(twin).collect()
}

#[test]
fn a_redirect_that_leads_nowhere_is_an_error_in_the_same_words() {
    let locations = [
        "ftp://127.0.0.1/",
        "mailto:somebody@example.org",
        "about:blank",
    ];
    let site = fixtures::start(move |stream| {
        let line = request_line(stream)?;
        let path = line.split(' ').nth(1).unwrap_or_default();
        match path.trim_start_matches('/').parse::<usize>() {
            Ok(number) => {
                let header =
                    format!("Location: {}\r\nContent-Length: 0", locations[number]);
                answer(stream, "302 Found", &header, b"")
            }
            Err(_) if path == "/garbage" => {
                let header = "Location: http://[\u{9b}2J\r\nContent-Length: 0";
                answer(stream, "302 Found", header, b"")
            }
            Err(_) => answer(stream, "200 OK", "Content-Length: 5", b"hello"),
        }
    });
    let mut urls: Vec<_> = (0..locations.len())
        .map(|number| format!("http://{site}/{number}"))
        .collect();
    urls.push(format!("http://{site}/garbage"));
    urls.push(format!("http://{site}/fine"));
    for (page, twin) in twins() {
        let [page, twin] = [Program::new(page), twin()]
            .map(|program| program.arg("--quiet").args(&urls).expect(1));
        assert_eq!(twin.stdout, page.stdout);
        // Why an address is none, each language says in its own way.
        let words = |stderr: &str| -> Vec<String> {
            let end = |line: &str| line.rfind("2J: ").map_or(line.len(), |at| at + 3);
            stderr
                .lines()
                .map(|line| line[..end(line)].to_owned())
                .collect()
        };
        assert_eq!(words(&twin.stderr), words(&page.stderr));
        assert_eq!(page.stderr.lines().count(), 4, "{}", page.stderr);
    }
}

#[test]
fn a_command_line_is_refused_in_the_same_words() {
    let cases: [(&[&str], &str); 4] = [
        (&["www.python.org"], "did you mean https://www.python.org/?"),
        (
            &["localhost:8000/a"],
            "did you mean http://localhost:8000/a?",
        ),
        (&["--from", "/dev/zero"], "\\u{0}: longer than 65000 bytes"),
        (
            &["--from=-"],
            "line 1: nonsense\\u{1b}[2J: not an http:// or https:// address",
        ),
    ];
    // All twins have the same command line from the same module.
    for (page, twin) in twins().into_iter().take(1) {
        for (args, problem) in cases {
            for program in [Program::new(page), twin()] {
                let list = "\u{feff}nonsense\u{1b}[2J\r\n";
                let stderr = program.args(args).stdin(list).expect(2).stderr;
                assert!(stderr.contains(problem), "{page}: {stderr}");
            }
        }
        for program in [Program::new(page), twin()] {
            let program = program.arg("http://127.0.0.1:1/");
            let stderr = program
                .env("ALL_PROXY", "socks5://127.0.0.1:1")
                .expect(2)
                .stderr;
            let problem = "ALL_PROXY: a SOCKS proxy, which this program cannot use";
            assert!(stderr.contains(problem), "{page}: {stderr}");
        }
    }
}
