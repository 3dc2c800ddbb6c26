//! No command line, however odd, makes a program panic, hang, or end in a way it should not:
//! it is refused, or the program starts and ends as programs do.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tests::{FETCH_URL, HEAVY_CALCULATION, Program, SAY_AFTER, for_each_page, runnable};
use workloads::site::Site;

/// A program that goes on for longer than this has started; it is interrupted then.
const STARTED: Duration = Duration::from_millis(150);

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 100,
        max_shrink_iters: 20,
        // What fails is printed; nothing is left behind in the repository.
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A program for which no address leads out of this machine, and no build succeeds.
fn confined(name: &str) -> Program {
    ["HTTP_PROXY", "HTTPS_PROXY"]
        .iter()
        .fold(Program::new(name), |program, name| {
            program.env(name, "http://127.0.0.1:1")
        })
        .env("CARGO", "/no/such/cargo")
}

/// Checks that a program takes `args` in one of the ways that a program may.
fn takes(name: &str, args: &[OsString]) {
    let finished = confined(name).args(args).run_for(STARTED);
    let (status, stderr) = (finished.status, &finished.stderr);
    let ends = matches!(status.code(), Some(0..=2)) || status.signal() == Some(2);
    assert!(ends, "{name} {args:?}: {finished:#?}");
    assert!(
        !stderr.contains("panicked"),
        "{name} {args:?}: {finished:#?}"
    );
    if status.code() == Some(2) {
        assert_eq!(finished.stdout, "", "{name} {args:?}");
        assert!(
            stderr.starts_with("error: "),
            "{name} {args:?}: {finished:#?}"
        );
    }
}

/// Checks that a program refuses `args`.
fn refuses(name: &str, args: &[OsString]) {
    let finished = confined(name).args(args).expect(2);
    assert_eq!(finished.stdout, "", "{name} {args:?}");
    assert!(
        finished.stderr.starts_with("error: "),
        "{name} {args:?}: {finished:#?}"
    );
}

#[rustfmt::skip]
const FAMOUS: &[&str] = &[
    "", " ", "-", "--", "---", "=", ":", ",", "0", "-0", "-1", "1", "+1", "2",
    "0.5", "1_000", "1e3", "1e400", "5e-324", "0x10", "nan", "NaN", "-nan", "inf",
    "-infinity", "86400", "86401", "10000", "10001", "1000000000000",
    "1000000000001", "18446744073709551615", "18446744073709551616", "1:", ":1",
    "nan:a", "86400:a", "0.01:a", "http://", "http:///", "http://[",
    "http://[::1]:99999/", "https://127.0.0.1:1/", "file:///etc/hostname", "%",
    "{}", "\u{202e}", "\u{0663}", "-h", "--help",
];

/// A word that somebody, or something, may put on a command line.
fn word() -> impl Strategy<Value = OsString> {
    prop_oneof![
        4 => select(FAMOUS).prop_map(OsString::from),
        1 => any::<i128>().prop_map(|number| number.to_string().into()),
        1 => any::<f64>().prop_map(|number| number.to_string().into()),
        1 => (any::<f64>(), any::<String>()).prop_map(|(s, w)| format!("{s}:{w}").into()),
        1 => any::<String>().prop_map(OsString::from),
        1 => vec(any::<u8>(), 0..20).prop_map(OsString::from_vec),
        1 => "[0-9]{300}".prop_map(OsString::from),
    ]
    // No system lets a zero byte through.
    .prop_map(|word| {
        OsString::from_vec(word.into_vec().into_iter().filter(|b| *b != 0).collect())
    })
}

/// A command line of odd words, some of them where `options` expect a value.
fn odd(options: &'static [&'static str]) -> impl Strategy<Value = Vec<OsString>> {
    let argument = prop_oneof![
        2 => word().prop_map(|word| vec![word]),
        3 => (select(options), word()).prop_map(|(option, word)| vec![option.into(), word]),
        2 => (select(options), word()).prop_map(|(option, word)| vec![with(option, &word)]),
        1 => select(options).prop_map(|option| vec![option.into()]),
    ];
    vec(argument, 0..5).prop_map(|arguments| arguments.concat())
}

/// `option=value`
fn with(option: &str, value: &OsStr) -> OsString {
    let mut argument = OsString::from(option);
    argument.push("=");
    argument.push(value);
    argument
}

fn task(name: &str, args: Vec<OsString>) -> Vec<OsString> {
    [vec![name.into()], args].concat()
}

/// A test of a value, given that it is text.
type Accepts = fn(&str) -> bool;

/// A command line that is good but for one argument: an option with a value that it does not
/// accept, or a value that stands alone (the option without a name).
fn wrong(
    options: &'static [(&'static str, Accepts)],
    good: &'static [&'static str],
) -> impl Strategy<Value = Vec<OsString>> {
    let bad =
        (select(options), word()).prop_filter_map("good", |((option, accepts), word)| {
            let is_bad = !word.to_str().is_some_and(accepts);
            let is_option =
                option.is_empty() && word.as_encoded_bytes().starts_with(b"-");
            let argument = if option.is_empty() {
                word
            } else {
                with(option, &word)
            };
            (is_bad && !is_option).then_some(argument)
        });
    (bad, vec(select(good), 0..4), any::<prop::sample::Index>()).prop_map(
        |(bad, good, place)| {
            let mut arguments: Vec<_> = good.into_iter().map(OsString::from).collect();
            arguments.insert(place.index(arguments.len() + 1), bad);
            arguments
        },
    )
}

fn is_within<T: std::str::FromStr + PartialOrd>(text: &str, least: T, most: T) -> bool {
    text.parse()
        .is_ok_and(|number| least <= number && number <= most)
}

fn is_workers(text: &str) -> bool {
    is_within(text, 1, 10_000)
}

/// From a nanosecond to a day.
fn is_time(text: &str) -> bool {
    is_within(text, 0.5e-9, 86_400.0)
}

fn is_saying(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(seconds, _)| is_time(seconds))
}

fn is_number(text: &str) -> bool {
    is_within(&text.replace('_', ""), 1, 1_000_000_000_000_u64)
}

fn is_url(text: &str) -> bool {
    let url = reqwest::Url::parse(text);
    url.is_ok_and(|url| ["http", "https"].contains(&url.scheme()))
}

fn nothing(_: &str) -> bool {
    false
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn fetch_url_takes_anything(
        page in select(runnable(FETCH_URL).collect::<Vec<_>>()),
        args in odd(&["--max-workers", "--timeout", "--max-bytes", "--from", "--live", "--quiet",
             "http://127.0.0.1:1/"]),
    ) {
        takes(page, &args);
    }

    #[test]
    fn fetch_url_refuses_what_is_wrong(
        page in select(runnable(FETCH_URL).collect::<Vec<_>>()),
        args in wrong(
            &[
                ("", is_url),
                ("--max-workers", is_workers),
                ("--timeout", is_time),
                ("--max-bytes", |text| is_within(text, 1, u64::MAX)),
                ("--from", |text| text == "-"),
                ("--live", nothing),
                ("--no-such-option", nothing),
            ],
            &["--quiet", "--max-workers=2", "--timeout=1", "http://127.0.0.1:1/"],
        ),
    ) {
        refuses(page, &args);
    }

    #[test]
    fn heavy_calculation_takes_anything(
        page in select(runnable(HEAVY_CALCULATION).collect::<Vec<_>>()),
        args in odd(&["--max-workers", "--quiet", "100", "1000000000000"]),
    ) {
        takes(page, &args);
    }

    #[test]
    fn heavy_calculation_refuses_what_is_wrong(
        page in select(runnable(HEAVY_CALCULATION).collect::<Vec<_>>()),
        args in wrong(
            &[("", is_number), ("--max-workers", is_workers), ("--quiet", nothing)],
            &["--quiet", "--max-workers=2", "100", "1_000"],
        ),
    ) {
        refuses(page, &args);
    }

    #[test]
    fn say_after_takes_anything(
        page in select(runnable(SAY_AFTER).collect::<Vec<_>>()),
        args in odd(&["--max-workers", "--repeat", "--fail", "--quiet", "0.01:a", "0.02:b"]),
    ) {
        takes(page, &args);
    }

    #[test]
    fn say_after_refuses_what_is_wrong(
        page in select(runnable(SAY_AFTER).collect::<Vec<_>>()),
        args in wrong(
            &[
                ("", is_saying),
                ("--repeat", |text| is_within(text, 1, 10_000_000)),
                ("--max-workers", is_workers),
                ("--fail", is_time),
                ("--quiet", nothing),
            ],
            &["--quiet", "0.01:a", "0.02:b:c"],
        ),
    ) {
        refuses(page, &args);
    }

    #[test]
    fn xtask_list_takes_anything(args in odd(&["list", "--help", "--no-such-option"])) {
        takes("xtask", &args);
        takes("xtask", &task("list", args));
    }

    #[test]
    fn compare_refuses_what_is_wrong_before_it_builds_anything(
        args in wrong(
            &[
                ("", nothing),
                ("--rounds", |text| is_within(text, 1, 100_000)),
                ("--urls", |text| is_within(text, 1, 10_000_000)),
                ("--delay", |text| is_within(text, -0.5e-9, 86_400.0)),
                ("--workers", is_workers),
                ("--numbers", |text| text.split(',').all(|text| is_within(text, 1, 1_000_000_000_000_u64))),
                ("--sayings", |text| text.split(',').all(is_saying)),
                ("--repeat", |text| is_within(text, 1, 10_000_000)),
                ("--deadline", is_time),
                ("--no-such-option", nothing),
            ],
            &["fetch-url", "say-after"],
        ),
    ) {
        refuses("xtask", &task("compare", args));
    }

    #[test]
    fn scale_refuses_what_is_wrong_before_it_builds_anything(
        args in wrong(
            &[
                ("", nothing),
                ("--up-to", |text| is_within(text, 1, 1_000_000_000)),
                ("--deadline", is_time),
            ],
            &["fetch-url", "say-after"],
        ),
    ) {
        refuses("xtask", &task("scale", args));
    }

    #[test]
    fn serve_refuses_what_is_wrong_before_it_builds_anything(
        args in wrong(
            &[
                ("", nothing),
                ("--port", |text| is_within(text, 0, 65_535)),
                ("--delay", |text| is_within(text, -0.5e-9, 86_400.0)),
            ],
            &["--delay=0"],
        ),
    ) {
        refuses("xtask", &task("serve", args));
    }
}

#[test]
fn a_list_of_100_000_addresses_is_read_or_refused() {
    let site = Site::start(Duration::ZERO).unwrap();
    let line = site.url() + "/bytes/1\n";
    let directory = env!("CARGO_TARGET_TMPDIR");
    let [good, bad] = ["good", "bad"].map(|name| format!("{directory}/{name}-100000"));
    fs::write(&good, line.repeat(100_000)).unwrap();
    fs::write(&bad, line.repeat(99_999) + "nonsense").unwrap();
    for_each_page(FETCH_URL, |page| {
        takes(page, &["--from".into(), good.clone().into()]);
        let finished = Program::new(page).args(["--from", &bad]).expect(2);
        let error = format!("error: --from {bad}: line 100000: nonsense: not an http");
        assert!(
            finished.stderr.starts_with(&error),
            "{page}: {}",
            finished.stderr
        );
    });
}
