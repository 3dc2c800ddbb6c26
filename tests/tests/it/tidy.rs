//! The pages keep their form, the README links to all of them, and the check is as promised.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use tests::{FETCH_URL, HEAVY_CALCULATION, SAY_AFTER, THUMBNAILS};
use tests::{pages, root, source};

/// A page, divided at the end of its header.
struct Page {
    name: &'static str,
    header: String,
    code: String,
}

impl Page {
    fn read(name: &'static str) -> Self {
        let text = fs::read_to_string(source(name)).unwrap();
        let (header, code) = text
            .split_once("\n\n")
            .unwrap_or_else(|| panic!("{name}: no header"));
        Page {
            name,
            header: header.into(),
            code: code.into(),
        }
    }

    /// An item of the page (a function or a static) with its comment. `start` is how the item's
    /// first line begins.
    fn item(&self, start: &str) -> String {
        let blocks = self.code.split("\n\n").collect::<Vec<_>>();
        let opens = |block: &&&str| {
            block.lines().any(|line| {
                let line = line.strip_prefix("async ").unwrap_or(line);
                line.starts_with(start)
            })
        };
        let block = blocks.iter().find(opens);
        (*block.unwrap_or_else(|| panic!("{}: no `{start}`", self.name))).into()
    }
}

#[test]
fn the_list_of_pages_has_every_page() {
    let mut found: Vec<_> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("examples-")
        })
        .flat_map(|path| [path.join("src/bin"), path.join("thumbnails/src/bin")])
        .flat_map(|path| fs::read_dir(path).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    let mut expected: Vec<PathBuf> = pages().map(source).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn every_header_has_its_four_parts() {
    for workload in [&FETCH_URL[..], &HEAVY_CALCULATION, &SAY_AFTER, &THUMBNAILS] {
        for &name in workload {
            let Page { header, .. } = Page::read(name);
            assert!(header.lines().all(|line| line.starts_with("//!")), "{name}");
            for part in [
                "In Python: ",
                &format!("$ cargo run --bin {name}"),
                "//! ```\n",
                "Siblings: ",
            ] {
                assert!(header.contains(part), "{name}: the header lacks `{part}`");
            }
            let (_, siblings) = header.split_once("```\n").unwrap();
            for sibling in workload.iter().filter(|sibling| **sibling != name) {
                let sibling = format!("`{sibling}`");
                assert!(
                    siblings.contains(&sibling),
                    "{name}: the header does not name {sibling}"
                );
            }
        }
    }
}

/// Removes what may differ between the blocking pages and the async ones.
fn without_async(code: &str) -> String {
    code.replace("async fn", "fn").replace(".await", "")
}

#[test]
fn the_work_is_the_same_text_in_every_model() {
    let work = [
        (&FETCH_URL[..], "fn fetch_url"),
        (&HEAVY_CALCULATION, "fn heavy_calculation"),
        (&SAY_AFTER, "fn say_after"),
        (&THUMBNAILS, "fn make_thumbnail"),
    ];
    for (workload, function) in work {
        let mut texts = BTreeMap::<String, Vec<_>>::new();
        for page in workload.iter().map(|name| Page::read(name)) {
            // In this page threads do the CPU work, not the tasks.
            if page.name == "async-thumbnails" {
                continue;
            }
            texts
                .entry(without_async(&page.item(function)))
                .or_default()
                .push(page.name);
        }
        assert_eq!(texts.len(), 1, "{function} differs: {texts:#?}");
    }
}

/// They may differ only where the models differ.
#[test]
fn the_pages_of_threads_and_processes_are_nearly_the_same_text() {
    for page in ["fetch-url", "say-after", "thumbnails"] {
        let threads = Page::read(["threads-", page].concat().leak()).code;
        let processes = Page::read(["processes-", page].concat().leak()).code;
        // Only the pages of processes have an entry for the workers, and settings.
        let (before, rest) = processes
            .split_once("    // The pool starts this program")
            .unwrap();
        let (_, after) = rest.split_once(".enter();\n\n").unwrap();
        let (start, rest) = after.split_once("ProcessPool::builder()").unwrap();
        let (_, rest) = rest.split_once(".max_workers(").unwrap();
        let (workers, rest) = rest.split_once(")\n").unwrap();
        let (_, end) = rest.split_once(".build()?").unwrap();
        let processes = format!("{before}{start}ThreadPool::new({workers}){end}")
            .replace("use process_pool::ProcessPool;\n", "")
            .replace("ProcessPoolExecutor", "ThreadPoolExecutor")
            .replace("its process, which may die", "its thread, which may panic")
            .replace(" Settings,", "")
            .replace("max_workers(200)", "max_workers(10_000)")
            .replace("anyhow::Result<Exit>", "Exit")
            .replace("Ok(options.report(", "options.report(")
            .replace("Ok(result??))))", "Ok(result??)))");
        let threads = threads.replace("use thread_pool::ThreadPool;\n", "");
        assert_eq!(threads, processes);
    }
}

#[test]
fn the_readme_links_to_every_page() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for page in pages() {
        let path = source(page)
            .strip_prefix(root())
            .unwrap()
            .display()
            .to_string();
        let link = format!("[{page}]({})", path.replace('\\', "/"));
        assert!(readme.contains(&link), "the README lacks the link {link}");
    }
    for (begin, end) in [
        ("](", ')'),
        ("]: ", '\n'),
        ("src=\"", '"'),
        ("srcset=\"", '"'),
    ] {
        let links = readme.split(begin).skip(1);
        let links = links.filter_map(|rest| rest.split(end).next());
        for path in links.filter(|link| !link.starts_with("https://")) {
            assert!(root().join(path).exists(), "the README links to {path}");
        }
    }
}

/// Runs the check with programs that only print how they were called.
#[cfg(unix)]
#[test]
fn the_check_installs_nothing_and_keeps_the_lock_file() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;
    use std::process::Command;

    let programs = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("programs");
    let _ = fs::remove_dir_all(&programs);
    fs::create_dir(&programs).unwrap();
    for real in ["bash", "dirname", "env", "id", "echo"] {
        let found = ["/bin", "/usr/bin"].map(|folder| Path::new(folder).join(real));
        let found = found.iter().find(|path| path.exists()).unwrap();
        symlink(found, programs.join(real)).unwrap();
    }
    for noted in ["cargo", "apt-get", "sudo", "python3", "rustup", "pip"] {
        let program = programs.join(noted);
        fs::write(&program, "#!/bin/sh\necho \"called: ${0##*/} $*\"\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut check = Command::new(root().join(".ci/run"));
    check.env("PATH", &programs).env_remove("CI");
    let stdout = tests::Program::from(check).expect(0).stdout;
    let calls: Vec<_> = stdout
        .lines()
        .filter_map(|line| line.strip_prefix("called: "))
        .collect();
    assert_eq!(calls.first(), Some(&"cargo fetch --locked"), "{calls:#?}");
    // It is the command of the README. `cargo fetch` has checked the lock file before.
    assert!(calls.contains(&"cargo test --workspace"), "{calls:#?}");
    for call in &calls {
        let has_no_lock =
            call.starts_with("cargo fmt ") || *call == "cargo test --workspace";
        assert!(call.starts_with("cargo "), "{call}");
        assert!(has_no_lock || call.contains("--locked"), "{call}");
    }

    let workflow = fs::read_to_string(root().join(".github/workflows/ci.yml")).unwrap();
    let lines = workflow.lines().filter(|line| line.contains(" cargo "));
    let lines: Vec<_> = lines.collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert!(line.contains("--locked"), "{line}");
    }
}
