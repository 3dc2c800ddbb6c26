//! What cargo compiles for a page, and what the manifests say.

use std::collections::BTreeSet;
use std::fs;

use tests::cargo::WORKSPACE;
use tests::{THUMBNAILS, phrasebook};

/// How many crates are compiled before the first page runs. If a number grows, ask what the new
/// crate is for. The numbers are those of this system: other systems need other crates.
#[cfg(target_os = "linux")]
#[test]
fn a_first_page_compiles_few_crates() {
    for (package, expected) in [
        ("phrasebook-std", 0),
        ("phrasebook-thread-pool", 1),
        ("phrasebook-rayon", 6),
        ("phrasebook-tokio", 16),
        ("phrasebook-process-pool", 23),
        ("phrasebook-futures-util", 24),
        ("phrasebook-tokio-util", 25),
    ] {
        let crates = WORKSPACE.crates_for_example(package);
        assert_eq!(crates.len(), expected, "{package}: {crates:#?}");
    }
    let crates = WORKSPACE.crates_for_program("examples-threads");
    assert_eq!(crates.len(), 131, "{crates:#?}");
}

/// Only thumbnails pages need these crates, in addition to those that their siblings need.
#[test]
fn only_the_pages_of_thumbnails_compile_a_decoder() {
    let its_own = [
        "jpeg-encoder",
        "serde_bytes",
        "thumbnail",
        "zune-core",
        "zune-jpeg",
    ];
    for page in THUMBNAILS {
        let model = page.strip_suffix("-thumbnails").unwrap();
        let siblings = format!("examples-{model}");
        let crates = WORKSPACE.crates_for_program(&format!("{siblings}-thumbnails"));
        let others = WORKSPACE.crates_for_program(&siblings);
        let more: Vec<_> = crates.difference(&others).collect();
        let names: BTreeSet<_> = more.iter().map(|id| WORKSPACE.name(id)).collect();
        assert_eq!(names, BTreeSet::from(its_own), "{page}");
    }
}

/// Each package of the phrasebook stands for a set of dependencies.
#[test]
fn a_page_compiles_only_what_its_header_names() {
    let pages = phrasebook::pages();
    for page in &pages {
        let package = format!("phrasebook-{}", page.package);
        let names: Vec<_> = page.needs().iter().map(|need| need.name.clone()).collect();
        assert_eq!(
            WORKSPACE.crates_for_needs(&package, &names),
            WORKSPACE.crates_for_example(&package),
            "{} does not need all of {package}",
            page.name
        );
    }
    // Each package is the only one with its set.
    let packages: BTreeSet<_> = pages.iter().map(|page| &page.package).collect();
    let crates = |package| WORKSPACE.crates_for_example(&format!("phrasebook-{package}"));
    let sets: BTreeSet<_> = packages.iter().map(crates).collect();
    assert_eq!(sets.len(), packages.len());
}

#[test]
fn no_two_examples_have_one_name() {
    let mut names = BTreeSet::new();
    for member in WORKSPACE.members.values() {
        for name in &member.examples {
            assert!(names.insert(name), "two examples are named {name}");
        }
    }
    for page in phrasebook::pages() {
        assert!(
            names.contains(&page.name),
            "cargo does not know {}",
            page.name
        );
    }
}

#[test]
fn the_members_leave_versions_and_features_to_the_workspace() {
    let mut dependencies = 0;
    for member in WORKSPACE.members.values() {
        let manifest = fs::read_to_string(&member.manifest).unwrap();
        let mut is_dependency = false;
        for line in manifest.lines() {
            if line.starts_with('[') {
                is_dependency = line.ends_with("dependencies]");
            } else if is_dependency && line.contains('=') {
                let path = member.manifest.display();
                assert!(line.ends_with(".workspace = true"), "{path}: {line}");
                dependencies += 1;
            }
        }
    }
    assert!(dependencies > 0);
}
