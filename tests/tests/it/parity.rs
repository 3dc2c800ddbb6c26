//! All models give the same results: the same result lines in the same order for fetch_url
//! and heavy_calculation, the same sayings in any order for say_after.

use std::time::Duration;

use std::fs;

use tests::{FETCH_URL, HEAVY_CALCULATION, Program, SAY_AFTER, THUMBNAILS, runnable};
use workloads::site::Site;

/// Runs all `pages` and checks that they print the same, after `comparable` has been applied.
fn same_output<T: PartialEq + std::fmt::Debug>(
    pages: impl IntoIterator<Item = &'static str>,
    args: &[String],
    comparable: impl Fn(String) -> T,
) -> T {
    let mut outputs = pages.into_iter().map(|page| {
        (
            page,
            comparable(Program::new(page).args(args).expect(0).stdout),
        )
    });
    let (first, expected) = outputs.next().expect("there are pages");
    for (page, output) in outputs {
        assert_eq!(output, expected, "{page} and {first} differ on {args:?}");
    }
    expected
}

#[test]
fn fetch_url() {
    let site = Site::start(Duration::ZERO).unwrap();
    let url = |path: &str| site.url() + path;
    let mut args = vec!["--quiet".to_owned(), "--max-workers=3".to_owned()];
    // The later ones are answered first, and one comes twice.
    args.extend(
        [
            "/delay/0.2",
            "/bytes/70000",
            "/delay/0.1",
            "/status/404",
            "/bytes/0",
        ]
        .map(url),
    );
    args.push(url("/bytes/70000"));
    let output = same_output(runnable(FETCH_URL), &args, |stdout| stdout);
    assert_eq!(output.lines().count(), 6);
    assert_eq!(
        output.lines().nth(1).unwrap(),
        format!("URL: {}/bytes/70000, Length: 70000", site.url())
    );
}

#[test]
fn heavy_calculation() {
    // Not sorted, so that an order of completion would show, and with every small case.
    let numbers = [300_000, 1, 2, 3, 200_000, 100, 150_000, 1, 99_999_u64];
    let mut args = vec!["--quiet".to_owned(), "--max-workers=3".to_owned()];
    args.extend(numbers.map(|num| num.to_string()));
    let output = same_output(runnable(HEAVY_CALCULATION), &args, |stdout| stdout);
    let expected: String = numbers
        .map(|num| format!("Calculation for {num} returned {}\n", sum_of_squares(num)))
        .concat();
    assert_eq!(output, expected);
}

/// The closed formula: the sum of i² for i < n.
fn sum_of_squares(n: u64) -> u128 {
    let n = u128::from(n);
    (n - 1) * n * (2 * n - 1) / 6
}

#[test]
fn say_after() {
    let args = [
        "--repeat=3",
        "0.05:one",
        "0.01:two",
        "0.03:one",
        "0.02:",
        "0.01:a:b c",
    ];
    let args = args.map(String::from);
    let output = same_output(runnable(SAY_AFTER), &args, |stdout| {
        let mut sayings: Vec<_> = stdout.lines().map(String::from).collect();
        sayings.retain(|line| line != "All 15 tasks have now completed.");
        sayings.sort();
        sayings
    });
    assert_eq!(output.len(), 15);
    assert_eq!(output[..3], ["", "", ""]);
}

#[test]
fn thumbnails() {
    let site = Site::start(Duration::ZERO).unwrap();
    let mut args = vec!["--quiet".to_owned(), "--max-workers=3".to_owned()];
    args.push("--size=50".to_owned());
    // Not sorted; all are one of three photos.
    let photos = [4, 0, 2, 1, 3, 0].map(|n| format!("{}/photo/{n}.jpg", site.url()));
    let sizes = ["37x50", "50x38", "50x28", "37x50", "50x38", "50x38"];
    args.extend(photos.clone());
    let output = same_output(runnable(THUMBNAILS), &args, |stdout| stdout);
    let line = |(photo, size)| format!("URL: {photo}, Thumbnail: {size}\n");
    let expected: String = photos.into_iter().zip(sizes).map(line).collect();
    assert_eq!(output, expected);
}

#[test]
fn every_model_writes_the_same_files() {
    let site = Site::start(Duration::ZERO).unwrap();
    let mut all = Vec::new();
    for page in runnable(THUMBNAILS) {
        let root = format!("{}/files-{page}", env!("CARGO_TARGET_TMPDIR"));
        let _ = fs::remove_dir_all(&root);
        // The first page makes the folder, and the others use it again.
        let folder = format!("{root}/deep");
        for _ in 0..2 {
            Program::new(page)
                .args(["--output", &folder])
                .args(site.photos())
                .expect(0);
        }
        let names = fs::read_dir(&folder).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["1.jpg", "2.jpg", "3.jpg"], "{page}");
        let read = |name| fs::read(format!("{folder}/{name}")).unwrap();
        let files = ["1.jpg", "2.jpg", "3.jpg"].map(read);
        assert!(
            files.iter().all(|file| file.starts_with(&[0xFF, 0xD8])),
            "{page}"
        );
        all.push(files);
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_quiet_say_after_prints_no_saying() {
    for page in runnable(SAY_AFTER) {
        let stdout = Program::new(page)
            .args(["--quiet", "0.01:a", "0.01:b"])
            .expect(0)
            .stdout;
        let expected = if page == "async-task-group" {
            "Both tasks have now completed.\n"
        } else {
            ""
        };
        assert_eq!(stdout, expected, "{page}");
    }
}
