//! Network errors: every page says what went wrong and at which address, loses no other result,
//! and prints no secret.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tests::fixtures::{self, Authority};
use tests::fixtures::{
    answer, answer_and_stay, hang, photos, repeat, request_line, reset,
};
use tests::trace::TraceFile;
use tests::{
    FETCH_URL, Program, THUMBNAILS, for_each_page, for_each_page_and_twin, runnable,
};
use workloads::site::Site;

/// The length of the document, or a part of the error. The part comes from the page or from the
/// system: the words of libraries are not checked.
type Expected = Result<usize, &'static str>;

/// A path, what the server does with a request for it, and the result.
type Fault = (&'static str, fn(&mut TcpStream) -> io::Result<()>, Expected);

const TIMED_OUT: Expected = Err("(--timeout 2)");
const LONGEST_BODY: usize = 100_000;

const FAULTS: &[Fault] = &[
    (
        "/fine",
        |s| answer(s, "200 OK", "Content-Length: 5", b"hello"),
        Ok(5),
    ),
    (
        "/404",
        |s| answer(s, "404 Not Found", "Content-Length: 5", b"sorry"),
        Ok(5),
    ),
    ("/head-stalls", hang, TIMED_OUT),
    ("/body-stalls", body_stalls, TIMED_OUT),
    ("/body-drips", body_drips, TIMED_OUT),
    ("/closed#fragment", |_| Ok(()), Err("")),
    ("/reset", reset, Err("reset")),
    ("/reset-in-body", reset_in_body, Err("reset")),
    (
        "/short-body",
        |s| answer(s, "200 OK", "Content-Length: 9", b"hello"),
        Err(""),
    ),
    ("/body-as-long-as-allowed", long_body, Ok(LONGEST_BODY)),
    (
        "/endless-body",
        endless_body,
        Err("longer than 100000 bytes (--max-bytes)"),
    ),
    (
        "/no-http",
        |s| s.write_all(b"220 mail.example.org ESMTP\r\n"),
        Err(""),
    ),
    ("/redirect", |s| redirect(s, "/fine"), Ok(5)),
    (
        "/redirect-loop",
        |s| redirect(s, "/redirect-loop"),
        Err("too many redirects"),
    ),
    (
        "/redirect-to-file",
        |s| redirect(s, "file:///etc/hostname"),
        Err("file:///etc/hostname"),
    ),
    (
        "/redirect-to-mail",
        |s| redirect(s, "mailto:a@b.org"),
        Err("redirected to mailto:a@b.org"),
    ),
    (
        "/redirect-to-nonsense",
        |s| redirect(s, "http://[\u{9b}2J"),
        Err("http://[\\u{9b}2J"),
    ),
    (
        "/redirect-to-short",
        |s| redirect(s, "/short-body"),
        Err("redirected to SITE/short-body: "),
    ),
];

fn body_stalls(stream: &mut TcpStream) -> io::Result<()> {
    answer(stream, "200 OK", "Content-Length: 9", b"hello")?;
    hang(stream)
}

fn body_drips(stream: &mut TcpStream) -> io::Result<()> {
    answer(stream, "200 OK", "X: no length", b"")?;
    repeat(stream, b".", Duration::from_millis(10))
}

fn reset_in_body(stream: &mut TcpStream) -> io::Result<()> {
    answer(stream, "200 OK", "Content-Length: 9", b"hello")?;
    reset(stream)
}

fn long_body(stream: &mut TcpStream) -> io::Result<()> {
    answer(stream, "200 OK", "X: no length", &[b'.'; LONGEST_BODY])
}

fn endless_body(stream: &mut TcpStream) -> io::Result<()> {
    answer(stream, "200 OK", "X: no length", b"")?;
    repeat(stream, &[b'.'; 10_000], Duration::ZERO)
}

fn redirect(stream: &mut TcpStream, to: &str) -> io::Result<()> {
    let header = format!("Location: {to}\r\nContent-Length: 0");
    answer(stream, "302 Found", &header, b"")
}

/// A server that answers each path as the table says.
fn misbehaving() -> SocketAddr {
    let serve: HashMap<_, _> = FAULTS
        .iter()
        .map(|(path, serve, _)| (path.split('#').next().expect("a path"), serve))
        .collect();
    fixtures::start(move |stream| serve[&*path(&request_line(stream)?)](stream))
}

fn path(request_line: &str) -> String {
    let path = request_line.split(' ').nth(1);
    path.expect("METHOD PATH VERSION").to_owned()
}

#[test]
fn every_fault_is_named_and_hides_nothing_else() {
    let site = misbehaving();
    let trusted = Authority::new("authority.invalid").unwrap();
    let unknown = Authority::new("unknown.invalid").unwrap();
    let certificates = temporary("authority.pem", &trusted.pem());

    let mut all: Vec<(String, Expected)> = FAULTS
        .iter()
        .map(|(path, _, expected)| (format!("http://{site}{path}"), *expected))
        .collect();
    all.extend([
        ("http://127.0.0.1:1/".to_owned(), Err("refused")),
        ("http://something.invalid/".to_owned(), Err("lookup")),
        (format!("https://{}/", trusted.start().unwrap()), Ok(6)),
        (
            format!("https://{}/", unknown.start().unwrap()),
            Err("certificate"),
        ),
        (format!("https://{site}/fine"), Err("")),
    ]);
    let results: String = all
        .iter()
        .filter_map(|(url, expected)| {
            let length = expected.ok()?;
            Some(format!("URL: {url}, Length: {length}\n"))
        })
        .collect();
    for_each_page(FETCH_URL, |page| {
        let finished = Program::new(page)
            .args(["--quiet", "--timeout=2", "--max-workers=10"])
            .arg(format!("--max-bytes={LONGEST_BODY}"))
            .args(all.iter().map(|(url, _)| url))
            .env("SSL_CERT_FILE", &certificates)
            .expect(1);
        assert_eq!(finished.stdout, results, "{page}");
        let mut errors = finished.stderr.lines();
        for (url, expected) in &all {
            let Err(word) = expected else { continue };
            let word = word.replace("SITE", &format!("http://{site}"));
            let error = errors.next().unwrap_or_default();
            let cause = error.strip_prefix(&format!("error: {url}: "));
            let is_named =
                cause.is_some_and(|cause| !cause.is_empty() && cause.contains(&word));
            assert!(is_named, "{page}, {url}: {error}");
            let is_redirected = word.contains("redirected to");
            assert_eq!(
                error.contains("redirected to"),
                is_redirected,
                "{page}: {error}"
            );
        }
        assert_eq!(errors.next(), None, "{page}");
    });
}

#[test]
fn a_photo_that_is_none_is_named_and_hides_no_other() {
    let photo = |path: &str| match path {
        "/fine" | "/404" => photos::FINE.to_vec(),
        "/text" => b"<!DOCTYPE html>".to_vec(),
        "/empty" => Vec::new(),
        "/cut" => photos::FINE[..30_000].to_vec(),
        "/broken" => photos::without_a_table(),
        "/huge" => photos::claiming(65_500, 65_500),
        "/claims-more" => photos::claiming(1632, 3264),
        "/claims-less" => photos::claiming(1632, 612),
        path => panic!("what is {path}?"),
    };
    let server = fixtures::start(move |stream| {
        let path = path(&request_line(stream)?);
        if path == "/closed" {
            return Ok(());
        }
        let photo = photo(&path);
        let status = if path == "/404" {
            "404 Not Found"
        } else {
            "200 OK"
        };
        answer(
            stream,
            status,
            &format!("Content-Length: {}", photo.len()),
            &photo,
        )
    });
    let all: [(&str, Result<&str, &str>); 11] = [
        ("/fine", Ok("128x96")),
        ("/text", Err("not a JPEG")),
        ("/empty", Err("not a JPEG")),
        ("/404", Err("the server answered 404 Not Found")),
        ("/cut", Err("the JPEG ends early")),
        ("/broken", Err("cannot decode the JPEG: ")),
        ("/huge", Err("65500x65500 is more than 100 megapixels")),
        // The size in the header decides: the missing part is grey, or the part beyond it is
        // left out.
        ("/claims-more", Ok("64x128")),
        ("/claims-less", Ok("128x48")),
        ("/closed", Err("")),
        ("/fine", Ok("128x96")),
    ];
    let url = |path: &str| format!("http://{server}{path}");
    let results: String = all
        .iter()
        .filter_map(|(path, result)| Some((path, result.ok()?)))
        .map(|(path, size)| format!("URL: {}, Thumbnail: {size}\n", url(path)))
        .collect();
    for_each_page_and_twin(THUMBNAILS, |page, program| {
        let finished = program
            .arg("--quiet")
            .args(all.iter().map(|(path, _)| url(path)))
            .expect(1);
        assert_eq!(finished.stdout, results, "{page}");
        let mut errors = finished.stderr.lines();
        for (path, result) in &all {
            let Err(expected) = result else { continue };
            let error = errors.next().unwrap_or_default();
            let expected = format!("error: {}: {expected}", url(path));
            assert!(error.starts_with(&expected), "{page}: {error}");
        }
        assert_eq!(errors.next(), None, "{page}");
    });
}

/// Answers on connections that stay open. It closes them after every third answer, without
/// announcing it: in turn in an orderly way and by a reset.
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
        // A page must not send a request again that was answered.
        assert_eq!(requests.load(Relaxed), URLS, "{page}");
    }
}

#[test]
fn a_request_without_an_answer_is_sent_three_times_and_no_other_twice() {
    for (answer, times) in [
        ("", 3),
        ("220 mail.example.org ESMTP\r\n", 1),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", 1),
    ] {
        for page in runnable(FETCH_URL) {
            let requests = Arc::new(AtomicUsize::new(0));
            let count = requests.clone();
            let server = fixtures::start(move |stream| {
                request_line(stream)?;
                count.fetch_add(1, Relaxed);
                stream.write_all(answer.as_bytes())
            });
            let url = format!("http://{server}/");
            let finished = Program::new(page).args(["--quiet", &url]).expect(1);
            let error = format!("error: {url}: ");
            assert!(
                finished.stderr.starts_with(&error),
                "{page}: {}",
                finished.stderr
            );
            assert_eq!(requests.load(Relaxed), times, "{page}: {answer}");
        }
    }
}

#[test]
fn the_timeout_is_for_each_address_and_not_for_all_of_them() {
    let site = Site::start(Duration::ZERO).unwrap();
    for_each_page(FETCH_URL, |page| {
        Program::new(page)
            .args(["--timeout=2", "--max-workers=1"])
            .args(vec![site.url() + "/delay/0.5"; 5])
            .expect(0);
    });
}

#[test]
fn a_small_limit_of_open_files_costs_no_result() {
    let serve = |stream: &mut TcpStream| {
        loop {
            request_line(stream)?;
            answer_and_stay(stream, "200 OK", "", b"hello")?;
        }
    };
    let port = fixtures::start_everywhere(serve).port();
    // One host, then many hosts. Each host needs connections of its own.
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
            let note = "note: 11 fetches at a time instead of 200: no more than 64 open files \
                        are allowed here (ulimit -n)\n";
            let is_sequential = page.starts_with("sequential");
            let expected = if is_sequential { "" } else { note };
            assert_eq!(finished.stderr, expected, "{page}");
        }
    }
}

#[test]
fn too_few_open_files_are_an_error_of_one_line() {
    for_each_page(FETCH_URL, |page| {
        let finished = Program::with_open_files(page, 32).expect(1);
        let error = "error: at most 32 open files are allowed here (ulimit -n); fetching needs 33\n";
        assert_eq!(
            (&*finished.stdout, &*finished.stderr),
            ("", error),
            "{page}"
        );
    });
}

#[test]
fn a_request_names_its_client() {
    let server = fixtures::start(|stream| {
        let head = fixtures::request_head(stream)?;
        let is_named = head.lines().any(|line| {
            line.to_lowercase()
                .starts_with("user-agent: concurrency-models/")
        });
        let status = if is_named { "200 OK" } else { "403 Forbidden" };
        answer(stream, status, "Content-Length: 0", b"")
    });
    let url = format!("http://{server}/");
    for_each_page(FETCH_URL, |page| {
        let stdout = Program::new(page).arg(&url).expect(0).stdout;
        assert!(stdout.contains("with status 200"), "{page}: {stdout}");
    });
}

#[test]
fn a_password_in_an_address_is_sent_and_never_printed() {
    let server = fixtures::start(|stream| {
        let head = fixtures::request_head(stream)?;
        // This is `user:secret` in Base64.
        let is_known = head.contains("Basic dXNlcjpzZWNyZXQ=");
        let status = if is_known {
            "200 OK"
        } else {
            "401 Unauthorized"
        };
        match head.split(' ').nth(1) {
            Some("/closed") => Ok(()),
            _ => answer(stream, status, "Content-Length: 0", b""),
        }
    });
    let urls = ["/", "/closed"].map(|path| format!("http://user:secret@{server}{path}"));
    let shown = ["/", "/closed"].map(|path| format!("http://user:***@{server}{path}"));
    for_each_page(FETCH_URL, |page| {
        let file = TraceFile::new(&format!("password-{page}"));
        let finished = Program::new(page)
            .arg("--trace")
            .arg(&file.0)
            .args(&urls)
            .expect(1);
        let trace = fs::read_to_string(&file.0).unwrap();
        for text in [&finished.stdout, &finished.stderr, &trace] {
            assert!(text.contains(&shown[1]), "{page}: {text}");
            assert!(!text.contains("secret"), "{page}: {text}");
        }
        let fetched = format!("Fetched {} with status 200\n", shown[0]);
        assert!(
            finished.stdout.contains(&fetched),
            "{page}: {}",
            finished.stdout
        );
        // The request went to the address without the password. The error must not call that a
        // redirect.
        let error = format!("error: {}: ", shown[1]);
        assert!(
            finished.stderr.starts_with(&error),
            "{page}: {}",
            finished.stderr
        );
        assert!(
            !finished.stderr.contains("redirected"),
            "{page}: {}",
            finished.stderr
        );

        let refused = Program::new(page)
            .arg("http://user:secret@[/")
            .expect(2)
            .stderr;
        assert!(!refused.contains("secret"), "{page}: {refused}");
    });
}

#[test]
fn a_proxy_carries_what_is_not_on_this_machine() {
    let site = misbehaving();
    let here = format!("http://{site}/fine");
    let (ask, asked) = mpsc::channel();
    let proxy = fixtures::start(move |stream| {
        ask.send(request_line(stream)?).map_err(io::Error::other)?;
        answer(stream, "200 OK", "Content-Length: 7", b"proxied")
    });
    // An address that leads to this machine, although it does not look like it.
    let elsewhere = format!("http://0.0.0.0:{}/fine", site.port());
    for page in runnable(FETCH_URL) {
        let length = |url: &str, no_proxy: &str| {
            let program = Program::new(page).args(["--quiet", url]);
            let program =
                program.env("HTTP_PROXY", format!("http://user:secret@{proxy}"));
            let stdout = program.env("NO_PROXY", no_proxy).expect(0).stdout;
            stdout.trim().rsplit(' ').next().unwrap().to_owned()
        };
        assert_eq!(length(&elsewhere, ""), "7", "{page}");
        assert_eq!(
            asked.recv().unwrap(),
            format!("GET {elsewhere} HTTP/1.1"),
            "{page}"
        );
        assert_eq!(length(&here, ""), "5", "{page}");
        for no_proxy in ["*", "0.0.0.0", "example.org, 0.0.0.0/8"] {
            assert_eq!(
                length(&elsewhere, no_proxy),
                "5",
                "{page}, NO_PROXY={no_proxy}"
            );
        }
        assert_eq!(asked.try_iter().count(), 0, "{page}");
    }
}

#[test]
fn settings_of_the_environment_that_cannot_hold_are_refused() {
    let empty = temporary("empty.pem", "");
    for page in runnable(FETCH_URL) {
        for (name, value, problem) in [
            ("SSL_CERT_FILE", "no/such/file", "No such file or directory"),
            (
                "SSL_CERT_FILE",
                empty.to_str().unwrap(),
                "no usable certificate",
            ),
            ("ALL_PROXY", "socks5h://127.0.0.1:1", "SOCKS"),
            ("http_proxy", "socks4://127.0.0.1:1", "SOCKS"),
            ("no_proxy", "a.org, localhost:8080", "localhost:8080"),
            ("NO_PROXY", "[::1]:80", "[::1]:80"),
        ] {
            let program = Program::new(page).arg("http://0.0.0.0:1/");
            let finished = program.env(name, value).expect(2);
            let error = finished.stderr.lines().next().unwrap_or_default();
            let is_named =
                error.starts_with(&format!("error: {name}")) && error.contains(problem);
            assert!(is_named, "{page}: {error}");
        }
        // In this list a network or an address has no port.
        let program = Program::new(page).args(["--quiet", "http://0.0.0.0:1/"]);
        program
            .env("NO_PROXY", "::1,fe80::/10,10.0.0.0/8,.example.org")
            .expect(1);
    }
}

/// Writes a file for one test, and returns its path.
fn temporary(name: &str, content: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path
}
