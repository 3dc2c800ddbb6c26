//! The network misbehaves: every model reports what went wrong, in the same words, and loses
//! nothing else.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use std::{fs, thread};

use tests::fixtures::{self, Authority, Full};
use tests::fixtures::{answer, answer_and_stay, hang, repeat, request_line, reset};
use tests::{FETCH_URL, Program, for_each_page, pages, runnable};
use workloads::site::Site;

/// The status and the length that a fetch reports, or its error.
type Expected = Result<(u16, usize), &'static str>;

/// What a server does with a request for a path, and what is to come of it.
type Fault = (&'static str, fn(&mut TcpStream) -> io::Result<()>, Expected);

const TIMED_OUT: Expected = Err("timed out after 2 s (--timeout)");
const LONGEST_BODY: usize = 1_000_000;

#[rustfmt::skip]
const FAULTS: &[Fault] = &[
    ("/fine",
     |s| answer(s, "200 OK", "Content-Length: 5", b"hello"),
     Ok((200, 5))),

    // Time.
    ("/no-first-byte", hang, TIMED_OUT),
    ("/body-stalls",
     |s| { answer(s, "200 OK", "Content-Length: 9", b"hello")?; hang(s) },
     TIMED_OUT),
    ("/body-drips",
     |s| { answer(s, "200 OK", "X: no length", b"")?; repeat(s, b".", Duration::from_millis(10)) },
     TIMED_OUT),
    ("/redirects-drip",
     |s| { thread::sleep(Duration::from_millis(500)); redirect(s, "/redirects-drip") },
     TIMED_OUT),

    // Ends.
    ("/closed", |_| Ok(()), Err("the server closed the connection too early")),
    ("/head-cut",
     |s| s.write_all(b"HTTP/1.1 200 OK\r\nContent-Le"),
     Err("the server closed the connection too early")),
    ("/reset", reset, Err("Connection reset by peer (os error 104)")),
    ("/reset-in-body",
     |s| { answer(s, "200 OK", "Content-Length: 9", b"hello")?; reset(s) },
     Err("cannot read the body: Connection reset by peer (os error 104)")),

    // Lengths.
    ("/empty", |s| answer(s, "200 OK", "Content-Length: 0", b""), Ok((200, 0))),
    ("/length-too-long",
     |s| answer(s, "200 OK", "Content-Length: 9", b"hello"),
     Err("cannot read the body: the server closed the connection too early")),
    // Does not say that the connection ends, so that it would be used again, with a rest in it.
    ("/length-too-short",
     |s| { s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhello")?; hang(s) },
     Ok((200, 4))),
    ("/length-absurd",
     |s| answer(s, "200 OK", "Content-Length: 9223372036854775807", b"hello"),
     Err("cannot read the body: the server closed the connection too early")),
    ("/length-negative",
     |s| answer(s, "200 OK", "Content-Length: -5", b"hello"),
     Err("not a valid HTTP answer: invalid content-length parsed")),
    ("/lengths-differ",
     |s| answer(s, "200 OK", "Content-Length: 4\r\nContent-Length: 5", b"hello"),
     Err("not a valid HTTP answer: invalid content-length parsed")),
    ("/chunks-broken",
     |s| answer(s, "200 OK", "Transfer-Encoding: chunked", b"five\r\nhello\r\n0\r\n\r\n"),
     Err("cannot read the body: Invalid chunk size line: Invalid Size")),
    ("/chunk-cut",
     |s| answer(s, "200 OK", "Transfer-Encoding: chunked", b"5\r\nhel"),
     Err("cannot read the body: the server closed the connection too early")),
    ("/last-chunk-missing",
     |s| answer(s, "200 OK", "Transfer-Encoding: chunked", b"5\r\nhello\r\n"),
     Err("cannot read the body: the server closed the connection too early")),
    ("/as-long-as-allowed",
     |s| answer(s, "200 OK", "X: no length", &[b'.'; LONGEST_BODY]),
     Ok((200, LONGEST_BODY))),
    ("/endless",
     |s| { answer(s, "200 OK", "X: no length", b"")?; repeat(s, &[b'.'; 10_000], Duration::ZERO) },
     Err("body is longer than 1000000 bytes (--max-bytes)")),
    ("/head-endless",
     |s| { s.write_all(b"HTTP/1.1 200 OK\r\n")?; repeat(s, &b"X: more\r\n".repeat(1000), Duration::ZERO) },
     Err("not a valid HTTP answer: message head is too large")),

    // Contents.
    ("/header-bytes",
     |s| answer(s, "200 OK", "Content-Length: 5\r\nX-\0: \x01", b"hello"),
     Err("not a valid HTTP answer: invalid HTTP header parsed")),
    ("/not-http",
     |s| s.write_all(b"220 mail.example.org ESMTP\r\n"),
     Err("not a valid HTTP answer: invalid HTTP version parsed")),
    ("/not-utf-8",
     |s| s.write_all(b"HTTP/1.1 200 \xFF\r\nX: \xFF\r\nContent-Length: 3\r\n\r\n\xFF\xFE\x80"),
     Ok((200, 3))),
    ("/404", |s| answer(s, "404 Not Found", "Content-Length: 5", b"sorry"), Ok((404, 5))),
    ("/500", |s| answer(s, "500 Oh", "Content-Length: 4", b"dear"), Ok((500, 4))),

    // Redirects.
    ("/redirect", |s| redirect(s, "/fine"), Ok((200, 5))),
    ("/redirect-loop",
     |s| redirect(s, "/redirect-loop"),
     Err("cannot follow the redirect: too many redirects")),
    ("/redirect-nowhere",
     |s| answer(s, "302 Found", "Content-Length: 0", b""),
     Ok((302, 0))),
    ("/redirect-to-ftp",
     |s| redirect(s, "ftp://127.0.0.1/"),
     Err("cannot follow the redirect to ftp://127.0.0.1/: the scheme is ftp, not http or https")),
    ("/redirect-to-mail",
     |s| redirect(s, "mailto:somebody@example.org"),
     Err("cannot follow the redirect to mailto:somebody@example.org: \
          the scheme is mailto, not http or https")),
    ("/redirect-to-no-address",
     |s| redirect(s, "http://[nonsense"),
     Err("cannot follow the redirect to http://[nonsense: invalid IPv6 address")),
    ("/redirect-to-control-characters",
     |s| redirect(s, "http://[\u{9b}2J\u{202e}"),
     Err("cannot follow the redirect to http://[\\u{9b}2J\\u{202e}: invalid IPv6 address")),
    ("/redirect-to-redirect-to-mail",
     |s| redirect(s, "/redirect-to-mail"),
     Err("redirected to SITE/redirect-to-mail: cannot follow the redirect to \
          mailto:somebody@example.org: the scheme is mailto, not http or https")),
    ("/redirect-to-refused",
     |s| redirect(s, "http://127.0.0.1:1/"),
     Err("redirected to http://127.0.0.1:1/: cannot connect: Connection refused (os error 111)")),
    ("/redirect-to-closed#fragment",
     |s| redirect(s, "/closed"),
     Err("redirected to SITE/closed: the server closed the connection too early")),
    ("/redirect-to-no-first-byte",
     |s| redirect(s, "/no-first-byte"),
     Err("redirected to SITE/no-first-byte: timed out after 2 s (--timeout)")),
    ("/redirect-to-reset-in-body",
     |s| redirect(s, "/reset-in-body"),
     Err("redirected to SITE/reset-in-body: \
          cannot read the body: Connection reset by peer (os error 104)")),
    ("/redirect-to-endless",
     |s| redirect(s, "/endless"),
     Err("redirected to SITE/endless: body is longer than 1000000 bytes (--max-bytes)")),
];

fn redirect(stream: &mut TcpStream, to: &str) -> io::Result<()> {
    let header = format!("Location: {to}\r\nContent-Length: 0");
    answer(stream, "302 Found", &header, b"")
}

/// A server that does to each path what the table says.
fn misbehaving() -> SocketAddr {
    let serve: HashMap<_, _> = FAULTS
        .iter()
        .map(|(path, serve, _)| (path.split('#').next().expect("a path"), serve))
        .collect();
    fixtures::start(move |stream| {
        let line = request_line(stream)?;
        let path = line.split(' ').nth(1).expect("METHOD PATH VERSION");
        serve[path](stream)
    })
}

/// Faults before there is a request.
fn cannot_connect(full: &Full, authority: &Authority) -> Vec<(String, Expected)> {
    let unknown = Authority::new("nobody.invalid").unwrap();
    let until = |year| authority.start("127.0.0.1", year).unwrap();
    let silent = fixtures::start(hang);
    let closing = fixtures::start(|stream| {
        stream.shutdown(Shutdown::Write)?;
        hang(stream)
    });
    let plain = fixtures::start(|stream| {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
        hang(stream)
    });
    let http = |address: SocketAddr| format!("http://{address}/");
    let https = |address: SocketAddr| format!("https://{address}/");
    vec![
        (
            "http://127.0.0.1:1/".to_owned(),
            Err("cannot connect: Connection refused (os error 111)"),
        ),
        (http(full.address), TIMED_OUT),
        (https(until(2999)), Ok((200, 6))),
        (
            https(until(2020)),
            Err("cannot connect: the certificate has expired"),
        ),
        (
            https(authority.start("other.invalid", 2999).unwrap()),
            Err("cannot connect: the certificate is for another host"),
        ),
        (
            https(unknown.start("127.0.0.1", 2999).unwrap()),
            Err(
                "cannot connect: the certificate's issuer is not trusted (see SSL_CERT_FILE)",
            ),
        ),
        (
            https(unknown.start_self()),
            Err("cannot connect: the certificate is not valid: CaUsedAsEndEntity"),
        ),
        (
            https(plain),
            Err("cannot connect: the server does not speak TLS"),
        ),
        (https(silent), TIMED_OUT),
        (
            https(closing),
            Err("cannot connect: the server closed the connection too early"),
        ),
        (
            http(until(2999)),
            Err("not a valid HTTP answer: invalid HTTP version parsed"),
        ),
    ]
}

#[test]
fn every_fault_is_named_and_hides_nothing_else() {
    let site = misbehaving();
    let full = Full::start().unwrap();
    let authority = Authority::new("authority.invalid").unwrap();
    let trusted = temporary("authority.pem", authority.pem());

    let (fine, _, well) = FAULTS[0];
    let fine = (format!("http://{site}{fine}"), well);
    let faults = FAULTS
        .iter()
        .map(|(path, _, expected)| (format!("http://{site}{path}"), *expected));
    let faults = faults.chain(cannot_connect(&full, &authority));
    // Each stands beside good ones.
    let all: Vec<_> = faults.flat_map(|fault| [fault, fine.clone()]).collect();

    let mut progress = Vec::new();
    let mut results = Vec::new();
    let mut errors = Vec::new();
    for (url, expected) in &all {
        progress.push(format!("Fetching {url}..."));
        match expected {
            Ok((status, length)) => {
                progress.push(format!("Fetched {url} with status {status}"));
                results.push(format!("URL: {url}, Length: {length}"));
            }
            Err(error) => {
                let error = error.replace("SITE", &format!("http://{site}"));
                errors.push(format!("error: {url}: {error}"));
            }
        }
    }
    progress.sort();
    for_each_page(FETCH_URL, |page| {
        let finished = Program::new(page)
            .args(["--timeout=2", "--max-workers=10"])
            .args([format!("--max-bytes={LONGEST_BODY}")])
            .args(all.iter().map(|(url, _)| url))
            .env("SSL_CERT_FILE", &trusted)
            .expect(1);
        let is_result = |line: &&str| line.starts_with("URL: ");
        let (printed_results, mut printed): (Vec<_>, Vec<_>) =
            finished.stdout.lines().partition(is_result);
        printed.sort_unstable();
        same_lines(page, finished.stderr.lines(), &errors);
        same_lines(page, printed_results, &results);
        same_lines(page, printed, &progress);
    });
}

/// Names the first line that differs, which `assert_eq!` would hide among all of them.
fn same_lines<'a>(
    page: &str,
    printed: impl IntoIterator<Item = &'a str>,
    expected: &[String],
) {
    let mut printed = printed.into_iter();
    for expected in expected {
        assert_eq!(printed.next(), Some(expected.as_str()), "{page}");
    }
    assert_eq!(printed.next(), None, "{page}");
}

/// Answers on connections that stay open, but closes them after every third answer, in turn
/// in an orderly way and by a reset, without a word that it would.
fn closing() -> (SocketAddr, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    let address = fixtures::start(move |stream| {
        let mut requests = BufReader::new(stream.try_clone()?);
        loop {
            request_line(&mut requests)?;
            let number = count.fetch_add(1, Relaxed) + 1;
            answer_and_stay(stream, "200 OK", "", b"hello")?;
            if number.is_multiple_of(3) {
                return if number.is_multiple_of(2) {
                    reset(stream)
                } else {
                    Ok(())
                };
            }
        }
    });
    (address, requests)
}

#[test]
fn a_connection_that_was_closed_while_idle_costs_no_result() {
    const URLS: usize = 3_000;
    for page in runnable(FETCH_URL) {
        let (server, requests) = closing();
        let urls = (0..URLS).map(|n| format!("http://{server}/{n}"));
        let list: String = urls.clone().map(|url| url + "\n").collect();
        let finished = Program::new(page)
            .args(["--quiet", "--max-workers=20", "--from=-"])
            .stdin(&list)
            .expect(0);
        let expected: String =
            urls.map(|url| format!("URL: {url}, Length: 5\n")).collect();
        assert_eq!(finished.stdout, expected, "{page}");
        assert_eq!(finished.stderr, "", "{page}");
        // No request that was answered was sent again.
        assert_eq!(requests.load(Relaxed), URLS, "{page}");
    }
}

#[test]
fn a_request_is_not_sent_again_once_its_answer_has_begun() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
    for (ends, error) in [
        (
            (|_| Ok(())) as fn(&mut TcpStream) -> io::Result<()>,
            "cannot read the body: the server closed the connection too early",
        ),
        (
            reset,
            "cannot read the body: Connection reset by peer (os error 104)",
        ),
    ] {
        for page in runnable(FETCH_URL) {
            let requests = Arc::new(AtomicUsize::new(0));
            let count = requests.clone();
            // On the first answer a connection is good for a second request.
            let server = fixtures::start(move |stream| {
                request_line(stream)?;
                count.fetch_add(1, Relaxed);
                answer_and_stay(stream, "200 OK", "", b"hello")?;
                request_line(stream)?;
                count.fetch_add(1, Relaxed);
                stream.write_all(half)?;
                ends(stream)
            });
            let url = format!("http://{server}/");
            let finished = Program::new(page)
                .args(["--quiet", "--max-workers=1", &url, &url])
                .expect(1);
            assert_eq!(
                finished.stdout,
                format!("URL: {url}, Length: 5\n"),
                "{page}"
            );
            assert_eq!(
                finished.stderr,
                format!("error: {url}: {error}\n"),
                "{page}"
            );
            assert_eq!(requests.load(Relaxed), 2, "{page}");
        }
    }
}

#[test]
fn a_request_is_not_sent_again_if_it_had_a_connection_of_its_own() {
    for head in ["", "HTTP/1.1 200 OK\r\nContent-Le"] {
        for page in runnable(FETCH_URL) {
            let requests = Arc::new(AtomicUsize::new(0));
            let count = requests.clone();
            let server = fixtures::start(move |stream| {
                request_line(stream)?;
                count.fetch_add(1, Relaxed);
                stream.write_all(head.as_bytes())
            });
            let url = format!("http://{server}/");
            let stderr = Program::new(page).args(["--quiet", &url]).expect(1).stderr;
            let error = "the server closed the connection too early";
            assert_eq!(stderr, format!("error: {url}: {error}\n"), "{page}");
            assert_eq!(requests.load(Relaxed), 1, "{page}");
        }
    }
}

#[test]
fn a_redirect_on_a_connection_that_is_closed_behind_it_is_followed_on_another() {
    for page in runnable(FETCH_URL) {
        // Every connection takes one request and is closed after the answer.
        let server = fixtures::start(|stream| {
            let line = request_line(stream)?;
            if line.starts_with("GET /from") {
                answer_and_stay(stream, "302 Found", "Location: /to\r\n", b"")
            } else {
                answer_and_stay(stream, "200 OK", "", b"hello")
            }
        });
        let urls = format!("http://{server}/from\n").repeat(300);
        let finished = Program::new(page)
            .args(["--quiet", "--from=-"])
            .stdin(&urls)
            .expect(0);
        assert_eq!(finished.stdout.lines().count(), 300, "{page}");
    }
}

/// What is sent again has no more time than the first attempt had.
#[test]
fn a_request_that_is_sent_again_stays_within_its_timeout() {
    for page in runnable(FETCH_URL) {
        let requests = Arc::new(AtomicUsize::new(0));
        let count = requests.clone();
        let server = fixtures::start(move |stream| {
            let is_first = count.fetch_add(1, Relaxed) == 0;
            request_line(stream)?;
            if !is_first {
                // In time for a budget of its own.
                thread::sleep(Duration::from_secs(1));
                return answer_and_stay(stream, "200 OK", "", b"hello");
            }
            answer_and_stay(stream, "200 OK", "", b"hello")?;
            request_line(stream)?;
            // Most of the time is over when the connection ends.
            thread::sleep(Duration::from_millis(1500));
            Ok(())
        });
        let url = format!("http://{server}/");
        let finished = Program::new(page)
            .args(["--quiet", "--timeout=2", "--max-workers=1", &url, &url])
            .expect(1);
        let error = format!("error: {url}: timed out after 2 s (--timeout)\n");
        assert_eq!(finished.stderr, error, "{page}");
        assert_eq!(requests.load(Relaxed), 2, "{page}: connections");
    }
}

#[test]
fn as_many_workers_are_taken_as_the_open_files_carry() {
    let serve = |stream: &mut TcpStream| {
        loop {
            request_line(stream)?;
            answer_and_stay(stream, "200 OK", "", b"hello")?;
        }
    };
    let port = fixtures::start_everywhere(serve).port();
    // One host, whose connections are used again, and many, each with connections of its own.
    for hosts in [1, 150] {
        let urls: Vec<_> = (0..300)
            .map(|n| format!("http://127.0.0.{}:{port}/{n}", n % hosts + 1))
            .collect();
        let expected: String = urls
            .iter()
            .map(|url| format!("URL: {url}, Length: 5\n"))
            .collect();
        for page in runnable(FETCH_URL) {
            let finished = Program::with_open_files(page, 64)
                .args(["--quiet", "--max-workers=200"])
                .args(&urls)
                .expect(0);
            assert_eq!(finished.stdout, expected, "{page}");
            let note = "note: no more than 64 open files are allowed here (ulimit -n), so it is ";
            let is_noted = finished.stderr.starts_with(note)
                && finished
                    .stderr
                    .ends_with(" fetches at a time instead of 200\n")
                && finished.stderr.lines().count() == 1;
            let is_silent = finished.stderr.is_empty();
            let is_sequential = page.starts_with("sequential");
            assert!(
                if is_sequential { is_silent } else { is_noted },
                "{page}: {}",
                finished.stderr
            );
        }
    }
}

#[test]
fn too_few_open_files_are_an_error_of_one_line() {
    for_each_page(pages(), |page| {
        let finished = Program::with_open_files(page, 8).expect(1);
        assert_eq!(finished.stdout, "", "{page}");
        let error = "error: no more than 8 open files are allowed here (ulimit -n), and this \
                     program takes ";
        assert!(
            finished.stderr.starts_with(error) && finished.stderr.lines().count() == 1,
            "{page}: {}",
            finished.stderr
        );
    });
    // However few there are, it is one of the two, and never a panic.
    for most in (9..30).step_by(3) {
        for_each_page(FETCH_URL, |page| {
            let finished = Program::with_open_files(page, most).arg("--quiet").run();
            let errors = finished
                .stderr
                .lines()
                .filter(|line| !line.starts_with("note: "));
            let outcome = (finished.status.code(), errors.count());
            assert!(
                [(Some(0), 0), (Some(1), 1)].contains(&outcome),
                "{page}, {most}: {finished:#?}"
            );
        });
    }
}

#[test]
fn the_timeout_is_for_each_address_and_not_for_all_of_them() {
    let site = Site::start(Duration::ZERO).unwrap();
    for_each_page(FETCH_URL, |page| {
        let urls = vec![site.url() + "/delay/0.5"; 5];
        Program::new(page)
            .args(["--timeout=2", "--max-workers=1"])
            .args(urls)
            .expect(0);
    });
}

#[test]
fn an_unknown_host_is_an_error_of_its_own() {
    let fine = format!("http://{}/fine", misbehaving());
    for_each_page(FETCH_URL, |page| {
        let unknown = "http://something.invalid/";
        let finished = Program::new(page)
            .args(["--quiet", unknown, &fine])
            .expect(1);
        assert_eq!(
            finished.stdout,
            format!("URL: {fine}, Length: 5\n"),
            "{page}"
        );
        // What follows depends on whether a name server can be asked here.
        let start = format!("error: {unknown}: cannot connect: failed to lookup address");
        assert!(
            finished.stderr.starts_with(&start),
            "{page}: {}",
            finished.stderr
        );
        assert_eq!(
            finished.stderr.lines().count(),
            1,
            "{page}: {}",
            finished.stderr
        );
    });
}

#[test]
fn a_silent_name_server_holds_up_neither_the_timeout_nor_an_interrupt() {
    let silent =
        fixtures::silent_name_servers(env!("CARGO_TARGET_TMPDIR").as_ref()).unwrap();
    let start = |page, timeout| {
        Program::new(page)
            .args([timeout, "http://something.invalid/"])
            .env("LD_PRELOAD", &silent)
    };
    for_each_page(FETCH_URL, |page| {
        let stderr = start(page, "--timeout=0.5").expect(1).stderr;
        let timed_out =
            "error: http://something.invalid/: timed out after 0.5 s (--timeout)\n";
        assert_eq!(stderr, timed_out, "{page}");

        let mut running = start(page, "--timeout=1000").start();
        let mut line = String::new();
        // It stays open: a page ends when nobody reads it.
        let mut stdout = BufReader::new(running.child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "Fetching http://something.invalid/...\n", "{page}");
        running.signal("INT");
        assert_eq!(running.wait(page).signal(), Some(2), "{page}");
    });
}

#[test]
fn no_machine_needs_certificates_of_its_own() {
    let authority = Authority::new("authority.invalid").unwrap();
    let https = format!("https://{}/", authority.start("127.0.0.1", 2999).unwrap());
    let http = format!("http://{}/fine", misbehaving());
    let nothing = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("nothing");
    fs::create_dir_all(&nothing).unwrap();
    for_each_page(FETCH_URL, |page| {
        let finished = Program::new(page)
            .args(["--quiet", &https, &http])
            // Where the system's certificates are looked for, if anybody does.
            .env("SSL_CERT_DIR", &nothing)
            .env("SSL_CERT_FILE", "")
            .expect(1);
        assert_eq!(
            finished.stdout,
            format!("URL: {http}, Length: 5\n"),
            "{page}"
        );
        let untrusted = "the certificate's issuer is not trusted (see SSL_CERT_FILE)";
        let error = format!("error: {https}: cannot connect: {untrusted}\n");
        assert_eq!(finished.stderr, error, "{page}");
    });
}

#[test]
fn only_what_is_not_loopback_goes_through_a_proxy() {
    let site = misbehaving();
    let (ask, asked) = mpsc::channel();
    let proxy = fixtures::start(move |stream| {
        let line = request_line(stream)?;
        let is_tunnel = line.starts_with("CONNECT");
        ask.send(line).map_err(io::Error::other)?;
        let status = if is_tunnel { "502 No" } else { "200 OK" };
        answer(stream, status, "Content-Length: 7", b"proxied")
    });
    // Without the password, which belongs to no error.
    let address = format!("http://{proxy}");
    let proxy = format!("http://somebody:secret@{proxy}");
    // An address that leads here and does not look like it.
    let elsewhere = format!("http://0.0.0.0:{}/fine", site.port());
    let here = [
        format!("http://{site}/fine"),
        format!("http://localhost:{}/fine", site.port()),
    ];
    let remote = [
        "http://example.invalid/page",
        "https://example.invalid/page",
    ];
    let run = |page, excepted: &str, urls: &[&str]| {
        let program = Program::new(page)
            .args(["--quiet", "--max-workers=1"])
            .args(urls)
            .args(&here)
            .args(["http://[::1]:1/"])
            .env("HTTP_PROXY", &proxy)
            .env("HTTPS_PROXY", &proxy)
            .env("NO_PROXY", excepted);
        let finished = program.expect(1);
        let stdout = finished
            .stdout
            .replace(&here[0], "HERE")
            .replace(&here[1], "HERE");
        (stdout, finished.stderr)
    };
    for page in runnable(FETCH_URL) {
        let (stdout, stderr) = run(page, "", &[remote[0], remote[1], &elsewhere]);
        let proxied = format!(
            "URL: {}, Length: 7\nURL: {elsewhere}, Length: 7\n\
             URL: HERE, Length: 5\nURL: HERE, Length: 5\n",
            remote[0]
        );
        assert_eq!(stdout, proxied, "{page}");
        let refused = format!(
            "error: {}: through the proxy {address}: cannot connect: tunnel error: \
             unsuccessful\n",
            remote[1]
        );
        assert!(stderr.starts_with(&refused), "{page}: {stderr}");
        let mut lines: Vec<_> = asked.try_iter().collect();
        // Tasks start in any order.
        lines.sort();
        let expected = [
            "CONNECT example.invalid:443 HTTP/1.1".to_owned(),
            format!("GET {elsewhere} HTTP/1.1"),
            format!("GET {} HTTP/1.1", remote[0]),
        ];
        assert_eq!(lines, expected, "{page}");

        for excepted in ["0.0.0.0", "example.org, 0.0.0.0/8", "*"] {
            let (stdout, _) = run(page, excepted, &[&elsewhere]);
            let direct = format!(
                "URL: {elsewhere}, Length: 5\nURL: HERE, Length: 5\nURL: HERE, Length: 5\n"
            );
            assert_eq!(stdout, direct, "{page}, NO_PROXY={excepted}");
        }
        assert_eq!(asked.try_iter().count(), 0, "{page}");
    }
}

#[test]
fn settings_of_the_environment_that_make_no_sense_are_refused() {
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let garbage = temporary("garbage.pem", garbage).into_os_string();
    let empty = temporary("empty.pem", "").into_os_string();
    let socks = "a SOCKS proxy, which this program cannot use";
    let settings: [(&str, &OsStr, &str); 10] = [
        (
            "SSL_CERT_FILE",
            OsStr::new("no/such/file"),
            "No such file or directory",
        ),
        ("SSL_CERT_FILE", OsStr::new("."), "Is a directory"),
        ("SSL_CERT_FILE", &garbage, "no certificate in it"),
        ("SSL_CERT_FILE", &empty, "no certificate in it"),
        (
            "HTTP_PROXY",
            OsStr::new("://"),
            "not the address of a proxy",
        ),
        (
            "https_proxy",
            OsStr::new("no address"),
            "not the address of a proxy",
        ),
        (
            "ALL_PROXY",
            OsStr::new("ftp://127.0.0.1"),
            "not the address of a proxy",
        ),
        ("ALL_PROXY", OsStr::new("socks5h://127.0.0.1:1"), socks),
        ("http_proxy", OsStr::new("socks4://127.0.0.1:1"), socks),
        (
            "HTTP_PROXY",
            OsStr::from_bytes(b"http://\xFF/"),
            "not the address of a proxy",
        ),
    ];
    for page in runnable(FETCH_URL) {
        for (name, value, problem) in settings {
            let page_with_address = Program::new(page).args(["https://127.0.0.1:1/"]);
            let finished = page_with_address.env(name, value).expect(2);
            let error = finished.stderr.lines().next().unwrap_or_default();
            assert!(
                error.starts_with(&format!("error: {name}")),
                "{page}: {error}"
            );
            assert!(error.contains(problem), "{page}: {error}");
            assert_eq!(finished.stdout, "", "{page}");
        }
    }
}

/// Writes a file for one test, and returns its path.
fn temporary(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path
}
