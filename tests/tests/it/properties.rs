//! No command line, however odd, makes a program panic, hang, or end with a wrong exit code.
//! The program refuses it, or starts.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tests::{FETCH_URL, HEAVY_CALCULATION, Program, SAY_AFTER, THUMBNAILS};
use tests::{for_each_page, runnable};
use workloads::site::Site;

/// If a program runs longer than this, it has accepted its command line, and is interrupted.
const STARTED: Duration = Duration::from_millis(150);

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 100,
        max_shrink_iters: 20,
        // A failing case is printed. No file about it is written to the repository.
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Checks that a program refuses `args` or starts.
fn takes(name: &str, args: &[OsString]) {
    let program = Program::new(name)
        // The proxy keeps all requests on this machine. Without cargo nothing is built.
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .env("CARGO", "/no/such/cargo");
    let finished = program.args(args).run_for(STARTED);
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

/// Any word that may stand on a command line.
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
    // An argument cannot contain a zero byte.
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
    fn heavy_calculation_takes_anything(
        page in select(runnable(HEAVY_CALCULATION).collect::<Vec<_>>()),
        args in odd(&["--max-workers", "--quiet", "100", "1000000000000"]),
    ) {
        takes(page, &args);
    }

    #[test]
    fn say_after_takes_anything(
        page in select(runnable(SAY_AFTER).collect::<Vec<_>>()),
        args in odd(&["--max-workers", "--repeat", "--fail", "--quiet", "0.01:a", "0.02:b"]),
    ) {
        takes(page, &args);
    }

    // `--output` is left out: it would make a folder of any name.
    #[test]
    fn thumbnails_take_anything(
        page in select(runnable(THUMBNAILS).collect::<Vec<_>>()),
        args in odd(&["--max-workers", "--timeout", "--max-bytes", "--from", "--size", "--quiet",
             "http://127.0.0.1:1/"]),
    ) {
        takes(page, &args);
    }

    #[test]
    fn xtask_list_takes_anything(args in odd(&["--help"])) {
        let task = [vec![OsString::from("list")], args].concat();
        takes("xtask", &task);
    }

    #[test]
    fn xtask_compare_takes_anything(
        args in odd(&["--time", "--rounds", "--timeout", "--only", "--also", "--urls", "--delay",
             "--workers", "--numbers", "--sayings", "--repeat", "fetch-url", "say-after"]),
    ) {
        let task = [vec![OsString::from("compare")], args].concat();
        takes("xtask", &task);
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
        let error = format!("error: --from {bad}: line 100000: nonsense: ");
        assert!(
            finished.stderr.starts_with(&error),
            "{page}: {}",
            finished.stderr
        );
    });
}
