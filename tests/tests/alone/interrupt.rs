//! Ctrl-C ends every page by SIGINT, and leaves no process running.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use tests::{HEAVY_CALCULATION, Program, Running, SAY_AFTER};
use tests::{assert_gone, children, fetches, for_each_page, pages};
use workloads::site::Site;

/// Starts a page on work that never ends, and returns when all of it has begun.
fn start(page: &str, site: &Site) -> Running {
    let args: Vec<String> = match page {
        page if fetches(page) => vec![site.url() + "/delay/1000"; 2],
        page if HEAVY_CALCULATION.contains(&page) => {
            vec![
                "--max-workers=2".into(),
                "1000000000000".into(),
                "1000000000000".into(),
            ]
        }
        _ => ["0.01:begun", "1000:never", "1000:never"]
            .map(String::from)
            .into(),
    };
    let mut running = Program::new(page).args(args).start();
    let mut stdout = BufReader::new(running.child.stdout.take().unwrap());
    let sequential = page.starts_with("sequential");
    for _ in 0..if SAY_AFTER.contains(&page) || sequential {
        1
    } else {
        2
    } {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_ne!(line, "", "{page} ended by itself");
    }
    // Dropping it would close the pipe.
    std::mem::forget(stdout);
    running
}

/// How many processes a page has started when all of its work has begun.
fn expected(page: &str) -> usize {
    match page {
        // A worker that has no endless work ends.
        page if page.starts_with("processes") => 2,
        // The server and the workers: none of these ends.
        "machines-say-after" => 1 + 3,
        page if page.starts_with("machines") => 1 + 2,
        _ => 0,
    }
}

/// The processes that a page has started, and those that these have started. Waits until they
/// are as many as expected.
fn descendants(page: &Running, name: &str) -> Vec<PathBuf> {
    let start = Instant::now();
    loop {
        let mut descendants = children(page.child.id());
        let id = |child: &PathBuf| child.file_name()?.to_str()?.parse().ok();
        let ids: Vec<u32> = descendants.iter().filter_map(id).collect();
        descendants.extend(ids.into_iter().flat_map(children));
        if descendants.len() == expected(name) {
            return descendants;
        }
        let is_late = start.elapsed() > Duration::from_secs(10);
        assert!(!is_late, "{name}: {descendants:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn an_interrupt_or_a_kill_leaves_nothing_behind() {
    let site = Site::start(Duration::ZERO).unwrap();
    for (name, number) in [("INT", 2), ("TERM", 15), ("KILL", 9)] {
        for_each_page(pages(), |page| {
            let mut running = start(page, &site);
            let descendants = descendants(&running, page);
            running.signal(name);
            assert_eq!(running.wait(page).signal(), Some(number), "{page}");
            assert_gone(&descendants, page);
        });
    }
}
