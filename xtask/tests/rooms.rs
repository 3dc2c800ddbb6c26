//! The files of this crate keep to their rooms: each knows only what lies before it on the
//! way of a result, and no two files need each other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The rooms, from the first on the way of a result to the last; before them the two files
/// that know of nobody: numbers for people, and statistics.
const ROOMS: [&str; 7] = [
    "format", "stats", "racers", "measure", "judge", "show", "tasks",
];

/// Every file of the crate as `room::file`, with what it uses of the others.
fn uses() -> BTreeMap<String, Vec<String>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut uses = BTreeMap::new();
    for room in ROOMS {
        let folder = source.join(room);
        let leaf = folder.with_extension("rs");
        if leaf.exists() {
            uses.insert(room.to_string(), names(&fs::read_to_string(leaf).unwrap()));
            continue;
        }
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_stem().unwrap().to_str().unwrap();
            if path.extension().is_some_and(|extension| extension == "rs")
                && file != "mod"
            {
                let text = fs::read_to_string(&path).unwrap();
                uses.insert(format!("{room}::{file}"), names(&text));
            }
        }
    }
    uses
}

/// What a file's code, its tests aside, names of this crate: `room::file`, or a leaf.
fn names(text: &str) -> Vec<String> {
    let code = text.split("\n#[cfg(test)]\n").next().unwrap();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code: Vec<_> = code.lines().filter(is_code).collect();
    let code = code.join("\n");
    let mut names = Vec::new();
    for path in code.split("crate::").skip(1) {
        let end = path.find([';', '(']).unwrap_or(path.len());
        let path = &path[..end];
        let (room, rest) = path.split_once("::").unwrap_or((path, ""));
        match rest.strip_prefix('{') {
            _ if ["format", "stats"].contains(&room) => names.push(room.to_string()),
            Some(list) => {
                let files = list.trim_end_matches('}').split(',').map(|item| {
                    item.trim()
                        .split("::")
                        .next()
                        .unwrap_or_default()
                        .to_string()
                });
                let files = files.filter(|file| !file.is_empty() && file != "self");
                names.extend(files.map(|file| format!("{room}::{file}")));
            }
            None => {
                let file = rest.split("::").next().unwrap_or_default();
                names.push(format!("{room}::{file}"));
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

fn room(file: &str) -> usize {
    let room = file.split("::").next().unwrap();
    let place = ROOMS.iter().position(|other| *other == room);
    place.unwrap_or_else(|| panic!("{file} is in no room"))
}

#[test]
fn every_room_knows_only_those_before_it() {
    let uses = uses();
    assert!(uses.len() > 20, "{uses:#?}");
    for (file, used) in &uses {
        for other in used {
            assert!(
                uses.contains_key(other),
                "{file} uses {other}, which is no file"
            );
            assert!(room(other) <= room(file), "{file} uses {other}");
        }
    }
}

#[test]
fn no_files_need_each_other() {
    let uses = uses();
    // Whoever uses nobody that is left is taken away, until nobody is left.
    let mut left: Vec<_> = uses.keys().collect();
    while !left.is_empty() {
        let before = left.len();
        let is_needy =
            |file: &&String| uses[*file].iter().any(|used| left.contains(&used));
        left = left.iter().copied().filter(|file| is_needy(file)).collect();
        assert!(left.len() < before, "a circle among {left:?}");
    }
}
