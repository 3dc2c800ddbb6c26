//! The pages keep their form: headers, lengths, twins that are twins, an index that is whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use tests::{FETCH_URL, HEAVY_CALCULATION, SAY_AFTER, pages, root, source};

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

    /// The items of the page (functions, statics) with their comments, by the line that
    /// opens them up to its name.
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
fn every_page_there_is_is_tested() {
    let mut found: Vec<_> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("examples-")
        })
        .flat_map(|path| fs::read_dir(path.join("src/bin")).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    let mut expected: Vec<PathBuf> = pages().map(source).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn every_header_has_its_four_parts() {
    for workload in [&FETCH_URL[..], &HEAVY_CALCULATION, &SAY_AFTER] {
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

#[test]
fn every_page_fits_a_screen() {
    for page in pages().map(Page::read) {
        let lines = page.code.lines().count();
        assert!(lines <= 80, "{}: {lines} lines below the header", page.name);
        let main = page.code.split("fn main()").nth(1).unwrap();
        let main = main.split("\n}\n").next().unwrap().lines().count();
        assert!(main <= 25, "{}: main has {main} lines", page.name);
    }
}

/// Takes away what is allowed to differ between the blocking pages and the async ones.
fn without_async(code: &str) -> String {
    code.replace("async fn", "fn").replace(".await", "")
}

#[test]
fn the_work_is_the_same_text_in_every_model() {
    let work = [
        (&FETCH_URL[..], "fn fetch_url"),
        (&HEAVY_CALCULATION, "fn heavy_calculation"),
        (&SAY_AFTER, "fn say_after"),
    ];
    for (workload, function) in work {
        let mut texts = BTreeMap::<String, Vec<_>>::new();
        for page in workload.iter().map(|name| Page::read(name)) {
            texts
                .entry(without_async(&page.item(function)))
                .or_default()
                .push(page.name);
        }
        assert_eq!(texts.len(), 1, "{function} differs: {texts:#?}");
    }
    for shared in [
        &[
            "sequential-fetch-url",
            "threads-fetch-url",
            "processes-fetch-url",
        ][..],
        &["threads-fetch-url", "threads-say-after"],
    ] {
        let item = if shared.len() == 3 {
            "static CLIENT"
        } else {
            "fn map"
        };
        let texts: Vec<_> = shared
            .iter()
            .map(|name| Page::read(name).item(item))
            .collect();
        assert!(
            texts.windows(2).all(|pair| pair[0] == pair[1]),
            "{item} differs: {texts:#?}"
        );
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
        for path in links.filter_map(|rest| rest.split(end).next()) {
            assert!(root().join(path).exists(), "the README links to {path}");
        }
    }
}

#[test]
fn the_readme_is_no_book() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let lines = readme.lines().count();
    assert!(lines <= 200, "the README has {lines} lines");
}

#[test]
fn the_members_leave_versions_and_features_to_the_workspace() {
    for member in fs::read_dir(root()).unwrap() {
        let manifest = member.unwrap().path().join("Cargo.toml");
        let Ok(text) = fs::read_to_string(&manifest) else {
            continue;
        };
        let (_, dependencies) = text.split_once("dependencies]").unwrap_or_default();
        for line in dependencies.lines().filter(|line| line.contains('=')) {
            let shared = line.contains("workspace") || line.contains("path = ");
            let own_table = line.starts_with("name") || line.starts_with("harness");
            assert!(shared || own_table, "{}: {line}", manifest.display());
        }
    }
}
