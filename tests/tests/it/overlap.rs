//! Work really overlaps, but never more of it than there are workers. No test reads a clock.
//! The demo site counts requests, or answers only when enough of them wait at the same time.
//! Endless work shows how many items are begun.

use std::io::{BufRead, BufReader};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use reqwest::blocking::ClientBuilder;
use tests::fixtures::{self, answer, photos, request_line};
use tests::trace::TraceFile;
use tests::{FETCH_URL, HEAVY_CALCULATION, Program, SAY_AFTER, THUMBNAILS};
use tests::{for_each_page, for_each_page_and_twin};
use workloads::site::{Site, Stats};

fn stats(site: &Site) -> Stats {
    let client = ClientBuilder::from(workloads::client_builder())
        .build()
        .unwrap();
    let json = client
        .get(site.url() + "/stats")
        .send()
        .unwrap()
        .text()
        .unwrap();
    serde_json::from_str(&json).unwrap()
}

#[test]
fn as_many_requests_are_in_flight_as_there_are_workers() {
    for_each_page(FETCH_URL.into_iter().skip(1), |page| {
        let site = Site::start(Duration::ZERO).unwrap();
        // The first four are answered only when all of them wait at the same time. The others
        // wait so long that a fifth at the same time would be seen in the peak.
        let mut urls = vec![site.url() + "/hold/4"; 4];
        urls.resize(16, site.url() + "/delay/0.2");
        Program::new(page)
            .args(["--max-workers=4"])
            .args(urls)
            .expect(0);
        assert_eq!(
            stats(&site),
            Stats {
                requests: 16,
                in_flight: 0,
                peak: 4
            },
            "{page}"
        );
    });
}

#[test]
fn as_many_photos_are_fetched_at_a_time_as_there_are_workers() {
    for_each_page_and_twin(THUMBNAILS, |page, program| {
        let site = Site::start(Duration::from_millis(200)).unwrap();
        // As in the test above. The first answers are no photos, so they are reported as
        // errors.
        let workers = if page.starts_with("sequential") { 1 } else { 4 };
        let mut urls = vec![format!("{}/hold/{workers}", site.url()); 4];
        urls.resize(16, site.url() + "/photo/0.jpg");
        let finished = program
            .args(["--max-workers=4", "--quiet"])
            .args(urls)
            .expect(1);
        assert_eq!(finished.stdout.lines().count(), 12, "{page}");
        let errors = finished.stderr.lines();
        assert_eq!(
            errors.filter(|it| it.ends_with(": not a JPEG")).count(),
            4,
            "{page}"
        );
        let expected = Stats {
            requests: 16,
            in_flight: 0,
            peak: workers,
        };
        assert_eq!(stats(&site), expected, "{page}");
    });
}

/// This test reads no clock, either: the trace says which photo began before which ended.
#[test]
fn two_photos_are_shrunk_at_the_same_time() {
    for_each_page_and_twin(THUMBNAILS, |page, program| {
        // The photos take long to shrink. Both have arrived before one of them is shrunk.
        let photo = photos::claiming(6_000, 6_000);
        let both = Arc::new(Barrier::new(2));
        let is_sequential = page.starts_with("sequential");
        let server = fixtures::start(move |stream| {
            request_line(stream)?;
            if !is_sequential {
                both.wait();
            }
            let length = format!("Content-Length: {}", photo.len());
            answer(stream, "200 OK", &length, &photo)
        });
        let file = TraceFile::new(&format!("shrunk-{page}"));
        let urls = [1, 2].map(|number| format!("http://{server}/{number}"));
        program
            .args(["--max-workers=2", "--trace"])
            .arg(&file.0)
            .args(urls)
            .expect(0);
        let trace = file.read();
        let parts: Vec<_> = trace.parts.values().flatten().collect();
        let [a, b] = parts[..] else {
            panic!("{page}: {parts:?}")
        };
        let overlap = a.begin < b.end.unwrap() && b.begin < a.end.unwrap();
        assert_eq!(overlap, !is_sequential, "{page}: {parts:?}");
    });
}

#[test]
fn the_sequential_page_fetches_one_at_a_time() {
    let site = Site::start(Duration::ZERO).unwrap();
    let urls = vec![site.url() + "/delay/0.01"; 5];
    Program::new(FETCH_URL[0]).args(urls).expect(0);
    assert_eq!(
        stats(&site),
        Stats {
            requests: 5,
            in_flight: 0,
            peak: 1
        }
    );
}

#[test]
fn sayings_wait_at_the_same_time() {
    for_each_page(SAY_AFTER, |page| {
        let stdout = Program::new(page)
            .args(["1.5:slow", "0.1:fast"])
            .expect(0)
            .stdout;
        let said: Vec<_> = stdout.lines().take(2).collect();
        let sequential = page.starts_with("sequential");
        assert_eq!(
            said,
            if sequential {
                ["slow", "fast"]
            } else {
                ["fast", "slow"]
            },
            "{page}"
        );
    });
}

#[test]
fn as_many_numbers_are_calculated_for_as_there_are_workers() {
    for_each_page(HEAVY_CALCULATION, |page| {
        let workers = if page.starts_with("sequential") { 1 } else { 2 };
        // None of these ends during the test.
        let numbers = ["1000000000000"; 4];
        let mut program = Program::new(page)
            .args(["--max-workers=2"])
            .args(numbers)
            .start();
        let stdout = BufReader::new(program.child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            stdout
                .lines()
                .try_for_each(|line| sender.send(line.unwrap()))
        });
        for _ in 0..workers {
            let line = lines
                .recv_timeout(Duration::from_secs(30))
                .expect("a calculation starts");
            assert_eq!(line, "Calculating for 1000000000000...", "{page}");
        }
        // There is no event to wait for if nothing happens. On a slow machine this can pass by
        // mistake, but it cannot fail by mistake.
        assert_eq!(
            lines.recv_timeout(Duration::from_millis(300)).ok(),
            None,
            "{page}"
        );
    });
}
